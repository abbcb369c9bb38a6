package io.culvert.tunnel.benchmarks;

import io.culvert.tunnel.benchmarks.growth.Growth;
import io.culvert.tunnel.benchmarks.growth.Pace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs every benchmark and writes the results page and JMH's figures. JMH shows how far it is. */
public final class BenchmarkMain {
    private static final String USAGE = """
        usage: java -jar benchmarks.jar [--quick | --thorough] [--growth | --only NAME] [--out DIRECTORY]
          --quick     under two minutes, figures for a first look only
          --thorough  about an hour
          --growth    only how rate, latency and processor time grow
          --only      benchmarks whose name contains this, such as streamPingPong or Codec
          --out       where RESULTS.md and results/ go; default: the working directory
        For all of JMH's options: java -cp benchmarks.jar org.openjdk.jmh.Main -h\
        """;

    private static final String GROWTH = "growth";

    private final Effort effort;
    private final String only;
    private final Path out;
    private final MachineFacts facts = MachineFacts.now();
    private final List<RunResult> results = new ArrayList<>();

    private BenchmarkMain(Effort effort, String only, Path out) {
        this.effort = effort;
        this.only = only;
        this.out = out;
    }

    /** Exits with 0, with 1 if a benchmark failed, with 2 on wrong usage. */
    public static void main(String[] args) throws Exception {
        Effort effort = Effort.STANDARD;
        String only = "";
        Path out = Path.of("");
        for (int i = 0; i < args.length; i++) {
            boolean hasValue = i + 1 < args.length;
            if (args[i].equals("--quick")) {
                effort = Effort.QUICK;
            } else if (args[i].equals("--thorough")) {
                effort = Effort.THOROUGH;
            } else if (args[i].equals("--growth")) {
                only = GROWTH;
            } else if (args[i].equals("--only") && hasValue) {
                only = args[++i];
            } else if (args[i].equals("--out") && hasValue) {
                out = Path.of(args[++i]);
            } else {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
        new BenchmarkMain(effort, only, out).run();
    }

    private void run() throws Exception {
        Path page = out.resolve("RESULTS.md");
        Path kept = Files.createDirectories(out.resolve("results"));
        String tables;
        if (only.equals(GROWTH)) {
            tables = Files.exists(page) ? Growth.withoutSection(Files.readString(page)) : "# Results\n";
        } else {
            measureWithJmh();
            Figures figures = new Figures(results);
            Files.writeString(kept.resolve("overview.svg"), new ResultsChart(figures).svg());
            tables = new ResultsPage(figures).text(facts, effort.sentence());
        }
        if (only.isEmpty() || only.equals(GROWTH)) {
            Growth.measure(kept, Pace.valueOf(effort.name()), facts);
        }
        Files.writeString(page, tables + Growth.section(kept));
        System.out.println("Wrote " + page);
    }

    private void measureWithJmh() throws IOException, RunnerException {
        measure(
                WireOverheadBenchmark.class,
                "",
                effort == Effort.QUICK ? new OptionsBuilder().forks(0).measurementIterations(1) : new OptionsBuilder());
        measure(CodecBenchmark.class, "", effort.applyTo(new OptionsBuilder()));
        measure(TransportComparisonBenchmark.class, "", effort.applyTo(new OptionsBuilder()));
        for (int visitors : effort.visitors()) {
            measure(
                    ConcurrentBenchmark.class,
                    "-" + visitors,
                    effort.applyTo(new OptionsBuilder()).threads(visitors));
        }
        if (results.isEmpty()) {
            System.err.println("No benchmark has '" + only + "' in its name.");
            System.exit(2);
        }
    }

    private void measure(Class<?> benchmark, String suffix, ChainedOptionsBuilder options)
            throws IOException, RunnerException {
        Path json = out.resolve("results").resolve(benchmark.getSimpleName() + suffix + ".json");
        withProfilers(options)
                .include(include(benchmark))
                .jvmArgsAppend("-Xms1g", "-Xmx1g")
                .shouldFailOnError(true)
                .shouldDoGC(effort != Effort.QUICK) // half a second each
                .resultFormat(ResultFormatType.JSON)
                .result(json.toString());
        try {
            results.addAll(new Runner(options.build()).run());
        } catch (NoBenchmarksException x) {
            System.out.println("None of " + benchmark.getSimpleName() + " matches '" + only + "'.");
            return;
        }
        RawResults.clean(json);
    }

    /** What the tables need beside the scores. */
    static ChainedOptionsBuilder withProfilers(ChainedOptionsBuilder options) {
        return options.addProfiler(GCProfiler.class).addProfiler(CpuProfiler.class);
    }

    /** JMH matches a regular expression against the full name. */
    private String include(Class<?> benchmark) {
        String name = benchmark.getName().replace(".", "\\.");
        return benchmark.getSimpleName().toLowerCase(Locale.ROOT).contains(only.toLowerCase(Locale.ROOT))
                ? name
                : name + "\\..*" + Pattern.quote(only);
    }
}
