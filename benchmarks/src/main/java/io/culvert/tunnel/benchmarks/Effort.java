package io.culvert.tunnel.benchmarks;

import java.util.Locale;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** How much time a run takes. */
enum Effort {
    /** To see that everything runs: under two minutes, figures for a first look only. */
    QUICK(1, 1, 300, 1, 500),
    /** The results page: under ten minutes. */
    STANDARD(1, 4, 1000, 4, 1000),
    /** Three JVMs for every row: about half an hour. */
    THOROUGH(3, 3, 1000, 5, 1000);

    private final int forks;
    private final int warmups;
    private final int warmupMillis;
    private final int iterations;
    private final int millis;

    Effort(int forks, int warmups, int warmupMillis, int iterations, int millis) {
        this.forks = forks;
        this.warmups = warmups;
        this.warmupMillis = warmupMillis;
        this.iterations = iterations;
        this.millis = millis;
    }

    ChainedOptionsBuilder applyTo(ChainedOptionsBuilder options) {
        return options.forks(forks)
                .warmupIterations(warmups)
                .warmupTime(TimeValue.milliseconds(warmupMillis))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.milliseconds(millis));
    }

    String sentence() {
        return String.format(
                Locale.ROOT,
                "%d × %d iterations of %.1f s each for a row, after %d of %.1f s to warm up.",
                forks,
                iterations,
                millis / 1000.0,
                warmups,
                warmupMillis / 1000.0);
    }
}
