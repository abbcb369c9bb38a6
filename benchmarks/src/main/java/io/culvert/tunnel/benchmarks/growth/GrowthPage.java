package io.culvert.tunnel.benchmarks.growth;

import io.culvert.tunnel.benchmarks.Figures;
import java.util.Locale;
import java.util.Optional;

/** The curves as a section of the results page. */
final class GrowthPage {
    static final String HEADING = "\n## Growth\n";

    private final Points points;
    private final StringBuilder page = new StringBuilder();

    GrowthPage(Points points) {
        this.points = points;
    }

    String text(Growth.Kept kept) {
        page.append(HEADING)
                .append(String.format(
                        Locale.ROOT,
                        """
            Relay and agent as processes of their own with the JVM's own settings, visitors and local service on two threads of a
            third: a connection has one message or request under way, or sends as fast as it can. Rates are medians of %d rounds
            of %.1f s, in turns, after %d s of warm-up for each kind of work; latencies are median / 99th percentile of round trips
            in microseconds. CPU is the processor time of relay and agent together for a unit of work, in microseconds; in brackets what that is
            of the cheapest point before it: what stays at 1.0 or less does not grow faster than its work. One visitor that fails, or is
            never served, fails the run. Measured %s at commit %s, load average before %s; `benchmarks/run.sh --growth` measures it anew.

            ![Rate, latency and processor time by connections, size and tunnels](results/growth.svg)

            | | | direct | µs | control | µs | CPU | tcp | µs | CPU |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
            """,
                        kept.pace().rounds,
                        kept.pace().measureMillis / 1000.0,
                        kept.pace().warmUpMillis / 1000,
                        kept.facts().date(),
                        kept.facts().commit(),
                        kept.facts().load()));
        for (Curve curve : Curve.values()) {
            for (int at : points.of(curve)) {
                page.append("| ")
                        .append(curve.title)
                        .append(", ")
                        .append(curve.rate)
                        .append(" | ");
                page.append(at(curve, at));
                for (String way : Growth.WAYS) {
                    cells(curve, at, way);
                }
                page.append(" |\n");
            }
        }
        return page.toString();
    }

    static String at(Curve curve, int at) {
        if (!curve.bySize()) {
            return String.format(Locale.ROOT, "%,d", at);
        }
        return at < 1 << 20 ? Figures.size(Integer.toString(at)) : (at >> 20) + " MiB";
    }

    private void cells(Curve curve, int at, String way) {
        Optional<Sample> found = points.find(curve, at, way);
        cell(found.map(s -> Figures.number(s.rate())));
        cell(found.filter(s -> curve.timed).map(s -> Figures.number(s.median()) + " / " + Figures.number(s.p99())));
        if (!way.equals(Way.DIRECT)) {
            cell(found.map(s ->
                    String.format(Locale.ROOT, "%s (%.1f)", Figures.number(s.cpu()), points.growth(curve, at, way))));
        }
    }

    private void cell(Optional<String> text) {
        page.append(" | ").append(text.orElse("–"));
    }
}
