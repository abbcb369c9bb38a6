package io.culvert.tunnel.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JMH's figures as a file that can be kept: without the machine's paths, and without every single sample. */
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
        }
        Files.writeString(file, JSON.writeValueAsString(results) + "\n");
    }
}
