package io.culvert.tunnel.overview;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What the page asks for. */
final class OverviewJson {
    /** Rows of the page's table; it says how many more there are. */
    private static final int MAX_ROWS = 500;

    private OverviewJson() {}

    static String of(Figures figures, Map<String, URI> tunnels, Duration period) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("agents", figures.agents());
        json.put("tunnels", tunnels.size());
        json.put("streams", figures.streams());
        json.put("bytes_up", figures.up());
        json.put("bytes_down", figures.down());
        ObjectNode requests = json.putObject("requests");
        for (int statusClass = 1; statusClass <= 5; statusClass++) {
            requests.put(statusClass + "xx", figures.requestsOf(statusClass));
        }
        requests.put("none", figures.requestsOf(0));
        ObjectNode errors = json.putObject("errors");
        figures.errors().forEach((error, count) -> errors.put(error.code(), count));
        rows(json.putArray("rows"), figures, tunnels);
        series(json, figures.samples(), period);
        return json.toString();
    }

    private static void rows(ArrayNode rows, Figures figures, Map<String, URI> tunnels) {
        new TreeMap<>(tunnels).entrySet().stream().limit(MAX_ROWS).forEach(tunnel -> {
            Figures.PerTunnel of = figures.tunnel(tunnel.getKey());
            rows.addObject()
                    .put("name", tunnel.getKey())
                    .put("url", tunnel.getValue().toString())
                    .put("transport", of.transport)
                    .put("streams", of.streams.get())
                    .put("requests", of.requests.sum())
                    .put("bytes_up", of.up.sum())
                    .put("bytes_down", of.down.sum());
        });
    }

    private static void series(ObjectNode json, List<Figures.Sample> samples, Duration period) {
        double seconds = period.toMillis() / 1000.0;
        json.put("period_ms", period.toMillis());
        json.put("samples", Figures.SAMPLES);
        ObjectNode series = json.putObject("series");
        plot(series, "requests", samples, sample -> sample.requests() / seconds);
        plot(series, "errors", samples, sample -> sample.errors() / seconds);
        plot(series, "up", samples, sample -> sample.up() / seconds);
        plot(series, "down", samples, sample -> sample.down() / seconds);
        plot(series, "streams", samples, Figures.Sample::streams);
    }

    private static void plot(
            ObjectNode series, String name, List<Figures.Sample> samples, ToDoubleFunction<Figures.Sample> value) {
        ArrayNode points = series.putArray(name);
        samples.forEach(sample -> points.add(value.applyAsDouble(sample)));
    }
}
