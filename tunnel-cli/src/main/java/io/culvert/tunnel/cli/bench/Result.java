package io.culvert.tunnel.cli.bench;

import io.culvert.tunnel.cli.terminal.Amount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured of one way.
 *
 * @param way the transport's name, or that there was none
 * @param requestsPerSecond GETs of 1 KiB, eight at a time
 * @param requestP50 half of these took no longer, in milliseconds
 * @param requestP99 99 of 100 took no longer
 * @param echoP50 half of the WebSocket messages of 1 KiB were back no later
 * @param echoP99 99 of 100 were
 * @param downPerSecond bytes of one long answer
 * @param upPerSecond bytes of one long request
 */
record Result(
        String way,
        double requestsPerSecond,
        double requestP50,
        double requestP99,
        double echoP50,
        double echoP99,
        double downPerSecond,
        double upPerSecond) {
    private static final String ROW = "%-10s %10s %9s %9s   %9s %9s   %12s %12s";

    /** A table. */
    static List<String> table(List<Result> results) {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(ROW, "", "GET 1 KiB", "8 at", "a time", "WebSocket", "echo", "one stream", "one stream"));
        lines.add(String.format(ROW, "", "per s", "p50", "p99", "p50", "p99", "down", "up"));
        for (Result r : results) {
            lines.add(String.format(
                    Locale.ROOT,
                    ROW,
                    r.way,
                    String.format(Locale.ROOT, "%,.0f", r.requestsPerSecond),
                    millis(r.requestP50),
                    millis(r.requestP99),
                    millis(r.echoP50),
                    millis(r.echoP99),
                    Amount.bytes(r.downPerSecond) + "/s",
                    Amount.bytes(r.upPerSecond) + "/s"));
        }
        return lines;
    }

    private static String millis(double time) {
        return String.format(Locale.ROOT, time < 10 ? "%.2f ms" : "%.0f ms", time);
    }

    /** For a program. */
    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("way", way);
        object.put("requests_per_s", Math.round(requestsPerSecond));
        object.put("request_p50_ms", rounded(requestP50));
        object.put("request_p99_ms", rounded(requestP99));
        object.put("echo_p50_ms", rounded(echoP50));
        object.put("echo_p99_ms", rounded(echoP99));
        object.put("down_bytes_per_s", Math.round(downPerSecond));
        object.put("up_bytes_per_s", Math.round(upPerSecond));
        return object;
    }

    private static double rounded(double millis) {
        return Math.round(millis * 1e3) / 1e3;
    }
}
