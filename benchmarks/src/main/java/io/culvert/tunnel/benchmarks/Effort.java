package io.culvert.tunnel.benchmarks;

import java.util.Locale;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** How much time a run takes. */
enum Effort {
    /** To see that everything runs, in the JVM of the runner: under two minutes, figures for a first look only. */
    QUICK(0, 1, 100, 1, 200, 16),
    /** The results page: about twenty minutes. */
    STANDARD(1, 3, 1000, 4, 1000, 1, 16, 64),
    /** Three JVMs for every row: about an hour. */
    THOROUGH(3, 3, 1000, 5, 1000, 1, 16, 64, 256);

    private final int forks;
    private final int warmups;
    private final int warmupMillis;
    private final int iterations;
    private final int millis;
    private final int[] visitors;

    Effort(int forks, int warmups, int warmupMillis, int iterations, int millis, int... visitors) {
        this.forks = forks;
        this.warmups = warmups;
        this.warmupMillis = warmupMillis;
        this.iterations = iterations;
        this.millis = millis;
        this.visitors = visitors;
    }

    ChainedOptionsBuilder applyTo(ChainedOptionsBuilder options) {
        return options.forks(forks)
                .warmupIterations(warmups)
                .warmupTime(TimeValue.milliseconds(warmupMillis))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis));
    }

    /** How many visitors there are at the same time, where several are measured: one run for each number. */
    int[] visitors() {
        return visitors.clone();
    }

    String sentence() {
        return String.format(
                Locale.ROOT,
                "%s%d iterations of %.1f s each for a row, after %d of %.1f s to warm up.",
                forks > 1 ? forks + " × " : "",
                iterations,
                millis / 1000.0,
                warmups,
                warmupMillis / 1000.0);
    }
}
