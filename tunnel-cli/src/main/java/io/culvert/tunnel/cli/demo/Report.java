package io.culvert.tunnel.cli.demo;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelStats;
import io.culvert.tunnel.cli.terminal.Amount;
import java.io.PrintStream;
import java.util.List;

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
            out.printf(
                    ROW,
                    transport,
                    o.what(),
                    Amount.bytes(o.up()),
                    Amount.bytes(o.down()),
                    Amount.time(o.time()),
                    result);
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
                Amount.bytes(s.httpBytesUp()),
                Amount.bytes(s.httpBytesDown()),
                Amount.bytes(s.upgradeBytesUp()),
                Amount.bytes(s.upgradeBytesDown()));
    }
}
