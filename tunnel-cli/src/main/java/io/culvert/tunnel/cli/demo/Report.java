package io.culvert.tunnel.cli.demo;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelStats;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Prints what the visitor did as a table. */
final class Report {
    private static final String ROW = "%-10s %-16s %10s %10s %9s  %s%n";

    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
    }

    void head() {
        out.printf(ROW, "transport", "what", "up", "down", "time", "result");
        out.println("-".repeat(96));
    }

    void rows(String transport, List<Outcome> outcomes) {
        for (Outcome o : outcomes) {
            String result = (o.passed() ? "ok: " : "FAILED: ") + o.note();
            out.printf(ROW, transport, o.what(), bytes(o.up()), bytes(o.down()), time(o.time()), result);
        }
        out.flush();
    }

    /** What the tunnel itself counted. */
    void totals(Tunnel tunnel) {
        TunnelStats s = tunnel.stats();
        out.printf(
                "%-10s %d streams; HTTP %s up, %s down; upgraded %s up, %s down; heads and frames included%n",
                tunnel.transport(),
                s.totalStreams(),
                bytes(s.httpBytesUp()),
                bytes(s.httpBytesDown()),
                bytes(s.upgradeBytesUp()),
                bytes(s.upgradeBytesDown()));
    }

    static String bytes(long count) {
        if (count < 1024) {
            return count + " B";
        }
        double kib = count / 1024.0;
        return kib < 1024
                ? String.format(Locale.ROOT, "%.1f KiB", kib)
                : String.format(Locale.ROOT, "%.1f MiB", kib / 1024);
    }

    static String time(Duration time) {
        return time.toMillis() < 1000
                ? time.toMillis() + " ms"
                : String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
    }
}
