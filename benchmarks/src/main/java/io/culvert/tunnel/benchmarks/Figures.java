package io.culvert.tunnel.benchmarks;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** The results of a run, to be looked up and read in the units of the page. */
public record Figures(Collection<RunResult> results) {
    /** One row: the benchmark's method behind its class, such as {@code CodecBenchmark.encode}, with one value of a parameter. */
    Optional<RunResult> find(String benchmark, String param, String value) {
        return results.stream()
                .filter(r -> r.getParams().getBenchmark().endsWith("." + benchmark))
                .filter(r -> value.equals(r.getParams().getParam(param)))
                .findFirst();
    }

    /** A row of the comparison. */
    Optional<RunResult> compared(String method, String transport, String size) {
        return results.stream()
                .filter(r -> r.getParams()
                        .getBenchmark()
                        .endsWith(TransportComparisonBenchmark.class.getSimpleName() + "." + method))
                .filter(r -> transport.equals(r.getParams().getParam("transport")))
                .filter(r -> size.equals(r.getParams().getParam("size")))
                .findFirst();
    }

    /** A row of the visitors at the same time. */
    Optional<RunResult> concurrent(String method, String transport, int visitors) {
        return results.stream()
                .filter(r ->
                        r.getParams().getBenchmark().endsWith(ConcurrentBenchmark.class.getSimpleName() + "." + method))
                .filter(r -> transport.equals(r.getParams().getParam("transport")))
                .filter(r -> r.getParams().getThreads() == visitors)
                .findFirst();
    }

    /** How many visitors there were at the same time, in each of the runs. */
    Collection<Integer> visitors() {
        TreeSet<Integer> counts = new TreeSet<>();
        results.stream()
                .filter(r -> r.getParams().getBenchmark().contains(ConcurrentBenchmark.class.getSimpleName()))
                .forEach(r -> counts.add(r.getParams().getThreads()));
        return counts;
    }

    static double score(RunResult result) {
        return result.getPrimaryResult().getScore();
    }

    /** Of sampled times, in microseconds. */
    static double percentile(RunResult result, double rank) {
        return result.getPrimaryResult().getStatistics().getPercentile(rank);
    }

    /** KiB for one operation. */
    static double allocated(RunResult result) {
        return secondary(result, "gc.alloc.rate.norm") / 1024;
    }

    /** Microseconds of processor time for one operation. */
    static double cpu(RunResult result) {
        return secondary(result, CpuProfiler.RESULT);
    }

    static double secondary(RunResult result, String name) {
        Result<?> found = result.getSecondaryResults().get(name);
        return found == null ? Double.NaN : found.getScore();
    }

    /** A parameter's number of bytes for people. */
    public static String size(String bytes) {
        int count = Integer.parseInt(bytes);
        return count < 1024 ? count + " B" : count / 1024 + " KiB";
    }

    /** Three digits or more, for people. */
    public static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
