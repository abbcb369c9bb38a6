package io.culvert.tunnel.benchmarks.growth;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.culvert.tunnel.benchmarks.MachineFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Measures every curve over every way. One failed visitor fails it. */
public final class Growth {
    static final List<String> WAYS = List.of(Way.DIRECT, "control", "tcp");

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Pace pace;
    private final List<Sample> samples = new ArrayList<>();

    private Growth(Pace pace) {
        this.pace = pace;
    }

    /** What was measured, as it is kept. */
    record Kept(MachineFacts facts, Pace pace, List<Sample> samples) {}

    /** Writes {@code growth.json} and {@code growth.svg} into a directory. */
    public static void measure(Path results, Pace pace, MachineFacts facts) throws Exception {
        Growth growth = new Growth(pace);
        for (String way : WAYS) {
            growth.measure(way);
        }
        Kept kept = new Kept(facts, pace, growth.samples);
        Files.writeString(results.resolve("growth.json"), JSON.writeValueAsString(kept) + "\n");
        Files.writeString(results.resolve("growth.svg"), new GrowthChart(kept.samples).svg());
    }

    /** The section of the results page on what {@link #measure} kept in a directory; empty if there is nothing. */
    public static String section(Path results) throws IOException {
        Path json = results.resolve("growth.json");
        return Files.exists(json) ? section(JSON.readValue(Files.readAllBytes(json), Kept.class)) : "";
    }

    static String section(Kept kept) {
        return new GrowthPage(new Points(kept.samples())).text(kept);
    }

    /** A results page as far as it is not what {@link #section} wrote, which comes last. */
    public static String withoutSection(String page) {
        int start = page.indexOf(GrowthPage.HEADING);
        return start < 0 ? page : page.substring(0, start);
    }

    private void measure(String transport) throws Exception {
        try (Origin origin = new Origin();
                Loop visitors = new Loop("visitors");
                Way way = new Way(transport, origin.port())) {
            Meter meter = new Meter(visitors, origin, way, transport);
            if (pace.warmUpMillis > 0) {
                for (Curve curve : Curve.values()) {
                    meter.measure(curve, warmUpPoint(curve), pace.warmUpMillis, 1);
                }
            }
            for (int round = 0; round < pace.rounds; round++) {
                for (Curve curve : Curve.values()) {
                    for (int at : curve.points(pace)) {
                        Sample sample = meter.measure(curve, at, pace.settleMillis, pace.measureMillis);
                        System.out.println(line(sample));
                        samples.add(sample);
                    }
                }
            }
        }
    }

    /** In the middle, so that no end of a curve is warmer than the other. */
    private static int warmUpPoint(Curve curve) {
        return curve.points.get(curve.points.size() / 2);
    }

    private static String line(Sample sample) {
        return String.format(
                Locale.ROOT,
                "%-8s %-45s %,9d  %,11.1f %-8s  %,9.1f µs  99 %%: %,9.1f µs  %,9.1f µs of processor",
                sample.way(),
                sample.curve().title,
                sample.at(),
                sample.rate(),
                sample.curve().rate,
                sample.median(),
                sample.p99(),
                sample.cpu());
    }
}
