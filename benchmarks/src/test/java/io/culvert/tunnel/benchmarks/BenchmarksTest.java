package io.culvert.tunnel.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, for a moment and in this JVM: nobody looks at the times. A leak in a tear-down fails it. */
class BenchmarksTest {
    private static final String[] TRANSPORTS = {"direct", "memory", "control", "tcp"};

    @BeforeAll
    static void besideOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    @Test
    void everyTransportIsComparedAndShownInTables() throws RunnerException {
        Collection<RunResult> results = run(
                TransportComparisonBenchmark.class,
                new OptionsBuilder().param("transport", TRANSPORTS).param("size", "65536"));

        assertThat(results).hasSize(5 * TRANSPORTS.length);
        assertThat(page(results))
                .contains("## Throughput", "| stream, one way up, MiB/s | 64 KiB |")
                .contains("## Latency", "| WebSocket echo | 64 KiB |")
                .contains("## Processor time", "## Allocation")
                .doesNotContain("NaN");
    }

    @Test
    void visitorsAtTheSameTimeAreCountedAndDrawn() throws RunnerException {
        Collection<RunResult> results = new ArrayList<>();
        for (int visitors : new int[] {1, 8}) {
            results.addAll(run(
                    ConcurrentBenchmark.class,
                    new OptionsBuilder().param("transport", "direct", "tcp").threads(visitors)));
        }

        assertThat(page(results))
                .contains("## Visitors at the same time", "| GETs/s of 1 KiB | 8 |", "| round trips/s of 1 KiB | 1 |")
                .doesNotContain("NaN");
        assertThat(new ResultsChart(new Figures(results)).svg())
                .startsWith("<svg ")
                .contains("prefers-color-scheme: dark", ">GETs/s of 1 KiB<", ">8 visitors<", "<circle class=\"tcp\"")
                .doesNotContain("NaN");
    }

    @Test
    void theControlTransportCostsAThirdMoreOnTheWireAndTcpNothing() throws RunnerException {
        Collection<RunResult> results = run(WireOverheadBenchmark.class, new OptionsBuilder());

        assertThat(page(results))
                .contains("## Wire bytes", "| 16 MiB down one stream | tcp |")
                .doesNotContain("NaN");
        assertThat(overhead(results, "bulkUp", "control")).isBetween(0.333, 0.35);
        assertThat(overhead(results, "bulkDown", "control")).isBetween(0.333, 0.35);
        assertThat(overhead(results, "bulkUp", "tcp")).isBetween(0.0, 0.001);
        assertThat(overhead(results, "bulkDown", "tcp")).isBetween(0.0, 0.001);
    }

    @Test
    void theCodecIsMeasured() throws RunnerException {
        Collection<RunResult> results = run(CodecBenchmark.class, new OptionsBuilder());

        assertThat(page(results))
                .contains("## Codec", "| frame-32768 | decode |")
                .doesNotContain("NaN");
    }

    private static double overhead(Collection<RunResult> results, String benchmark, String transport) {
        RunResult result = results.stream()
                .filter(r -> r.getParams().getBenchmark().endsWith("." + benchmark))
                .filter(r -> r.getParams().getParam("transport").equals(transport))
                .findFirst()
                .orElseThrow();
        double wire = counter(result, "wireUp") + counter(result, "wireDown");
        return wire / counter(result, "payload") - 1;
    }

    private static double counter(RunResult result, String name) {
        return result.getSecondaryResults().get(name).getScore();
    }

    private static String page(Collection<RunResult> results) {
        return new ResultsPage(new Figures(results)).text(MachineFacts.now(), "A moment.");
    }

    private static Collection<RunResult> run(Class<?> benchmark, ChainedOptionsBuilder options) throws RunnerException {
        BenchmarkMain.withProfilers(options)
                .include(benchmark.getName().replace(".", "\\."))
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(20))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        return new Runner(options.build()).run();
    }
}
