package io.culvert.tunnel.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JMH's figures as a file that can be kept: without the machine's paths, without every single sample, and without the percentiles
 * that stand in the score's own list too.
 */
final class RawResults {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private RawResults() {}

    static void clean(Path file) throws IOException {
        JsonNode results = JSON.readTree(Files.readAllBytes(file));
        for (JsonNode result : results) {
            ((ObjectNode) result).put("jvm", "java");
            if (result.path("primaryMetric") instanceof ObjectNode metric) {
                metric.remove("rawDataHistogram");
            }
            if (result.path("secondaryMetrics") instanceof ObjectNode metrics) {
                metrics.properties().removeIf(metric -> metric.getKey().matches("p\\d+\\.\\d+"));
            }
        }
        Files.writeString(file, JSON.writeValueAsString(results) + "\n");
    }
}
