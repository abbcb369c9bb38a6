package io.culvert.tunnel.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;

/** The figures of a run as tables. A table without figures is left out. */
final class ResultsPage {
    static final List<String> TRANSPORTS = List.of("direct", "memory", "control", "tcp");
    static final List<String> SIZES = List.of("1024", "65536");
    private static final double BULK_MIB = TransportComparisonBenchmark.BULK_BYTES / 1048576.0;

    private static final List<Function<RunResult, Double>> PERCENTILES =
            List.of(r -> Figures.percentile(r, 50), r -> Figures.percentile(r, 99));

    private final Figures figures;
    private final StringBuilder page = new StringBuilder();

    ResultsPage(Figures figures) {
        this.figures = figures;
    }

    String text(MachineFacts facts, String effort) {
        page.setLength(0);
        page.append("""
            # Results

            Measured by

                benchmarks/run.sh

            which also runs with `--quick` (under two minutes) and `--thorough` (an hour). The figures as JMH wrote them are
            in [results](results).

            ![Throughput and latency by transport, size and number of visitors](results/overview.svg)

            """);
        page.append("| | |\n| --- | --- |\n");
        fact("date", facts.date());
        fact("commit", facts.commit());
        fact("processor", facts.cpu());
        fact("memory", facts.memory());
        fact("system", facts.system());
        fact("JVM", facts.java() + ", 1 GiB of heap");
        fact("load average before", facts.load());
        page.append('\n').append(effort).append('\n');
        page.append("""

            Visitor, relay, agent and local service share one JVM and its loopback interface, so all of them compete for the
            same cores: the figures compare transports, they say nothing about a network. `direct` is the same visitor without a
            tunnel; `memory` has no socket between relay and agent, which makes it the floor of everything but the transport.
            """);
        throughput();
        concurrent();
        latency();
        processorTime();
        allocation();
        wire();
        codec();
        return page.toString();
    }

    private void fact(String name, String value) {
        page.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }

    private void throughput() {
        comparison(
                "Throughput",
                "MiB/s on one stream; in brackets the part of `direct`. More is better.",
                List.of(
                        new Row("stream, one way up, MiB/s", "streamOneWay", r -> Figures.score(r) * BULK_MIB),
                        new Row("WebSocket, one way down, MiB/s", "webSocketBulk", r -> Figures.score(r) * BULK_MIB)),
                ResultsPage::withPart);
    }

    private static String withPart(double value, Optional<Double> direct) {
        return Figures.number(value)
                + direct.map(d -> String.format(Locale.ROOT, " (%.2f)", value / d))
                        .orElse("");
    }

    private void concurrent() {
        StringBuilder lines = new StringBuilder();
        for (String[] row :
                new String[][] {{"GETs/s of 1 KiB", "httpGet"}, {"round trips/s of 1 KiB", "streamPingPong"}}) {
            for (int visitors : figures.visitors()) {
                Optional<Double> direct =
                        figures.concurrent(row[1], "direct", visitors).map(Figures::score);
                lines.append("| ").append(row[0]).append(" | ").append(visitors);
                for (String transport : TRANSPORTS) {
                    lines.append(" | ")
                            .append(figures.concurrent(row[1], transport, visitors)
                                    .map(r -> withPart(Figures.score(r), direct))
                                    .orElse("–"));
                }
                lines.append(" |\n");
            }
        }
        if (lines.length() > 0) {
            heading(
                    "Visitors at the same time",
                    "Each with a connection of its own and one message or request at a time; in brackets the part of"
                            + " `direct`. More is better.");
            page.append(
                    "| | visitors | direct | memory | control | tcp |\n| --- | --- | ---: | ---: | ---: | ---: |\n");
            page.append(lines);
        }
    }

    private void latency() {
        comparison(
                "Latency",
                "Microseconds for one round trip, one at a time: median / 99th percentile. Less is better.",
                List.of(
                        new Row("stream ping-pong", "streamPingPong", PERCENTILES),
                        new Row("WebSocket echo", "webSocketEcho", PERCENTILES),
                        new Row("HTTP GET", "httpGet", PERCENTILES)),
                (value, direct) -> Figures.number(value));
    }

    private void processorTime() {
        comparison(
                "Processor time",
                "Microseconds of the whole JVM, visitor and local service included: for a MiB carried, or for a round"
                        + " trip. It hardly depends on what else the machine does.",
                List.of(
                        new Row("stream, one way up, per MiB", "streamOneWay", r -> Figures.cpu(r) / BULK_MIB),
                        new Row("WebSocket, one way down, per MiB", "webSocketBulk", r -> Figures.cpu(r) / BULK_MIB),
                        new Row("stream ping-pong", "streamPingPong", Figures::cpu),
                        new Row("WebSocket echo", "webSocketEcho", Figures::cpu),
                        new Row("HTTP GET", "httpGet", Figures::cpu)),
                (value, direct) -> Figures.number(value));
    }

    private void allocation() {
        comparison(
                "Allocation",
                "KiB that the whole JVM allocated, visitor and local service included: for a MiB carried, or for a"
                        + " round trip.",
                List.of(
                        new Row("stream, one way up, per MiB", "streamOneWay", r -> Figures.allocated(r) / BULK_MIB),
                        new Row(
                                "WebSocket, one way down, per MiB",
                                "webSocketBulk",
                                r -> Figures.allocated(r) / BULK_MIB),
                        new Row("stream ping-pong", "streamPingPong", Figures::allocated),
                        new Row("WebSocket echo", "webSocketEcho", Figures::allocated),
                        new Row("HTTP GET", "httpGet", Figures::allocated)),
                (value, direct) -> Figures.number(value));
    }

    /** One table: a line for each row and size, a column for each transport. */
    private void comparison(String title, String explanation, List<Row> rows, Cell cell) {
        StringBuilder lines = new StringBuilder();
        for (Row row : rows) {
            for (String size : SIZES) {
                Function<String, Optional<RunResult>> of =
                        transport -> figures.compared(row.benchmark, transport, size);
                if (TRANSPORTS.stream().noneMatch(t -> of.apply(t).isPresent())) {
                    continue;
                }
                Optional<Double> direct = of.apply("direct").map(row::value);
                lines.append("| ").append(row.title).append(" | ").append(Figures.size(size));
                for (String transport : TRANSPORTS) {
                    lines.append(" | ")
                            .append(of.apply(transport)
                                    .map(r -> row.cell(r, cell, direct))
                                    .orElse("–"));
                }
                lines.append(" |\n");
            }
        }
        if (lines.length() > 0) {
            heading(title, explanation);
            page.append("| | size | direct | memory | control | tcp |\n| --- | --- | ---: | ---: | ---: | ---: |\n");
            page.append(lines);
        }
    }

    private void wire() {
        StringBuilder lines = new StringBuilder();
        for (String[] row : new String[][] {
            {"16 MiB up one stream", "bulkUp"},
            {"16 MiB down one stream", "bulkDown"},
            {"1,000 × 1 KiB up and back, one at a time", "pingPong"},
            {"1,000 GETs of 1 KiB on one connection", "httpGet"}
        }) {
            for (String transport : List.of("control", "tcp")) {
                figures.find(WireOverheadBenchmark.class.getSimpleName() + "." + row[1], "transport", transport)
                        .ifPresent(result -> {
                            double payload = Figures.secondary(result, "payload");
                            double up = Figures.secondary(result, "wireUp") / payload;
                            double down = Figures.secondary(result, "wireDown") / payload;
                            lines.append(String.format(
                                    Locale.ROOT,
                                    "| %s | %s | %.4f | %.4f | %+.1f %% |\n",
                                    row[0],
                                    transport,
                                    up,
                                    down,
                                    (up + down - 1) * 100));
                        });
            }
        }
        if (lines.length() > 0) {
            heading(
                    "Wire bytes per payload byte",
                    "Counted between agent and relay, opening, heads and credit included, headers of TCP and IP not."
                            + " The payload is what the row names; for GETs, their bodies alone.");
            page.append("| | transport | relay to agent | agent to relay | overhead |\n"
                    + "| --- | --- | ---: | ---: | ---: |\n");
            page.append(lines);
        }
    }

    private void codec() {
        StringBuilder lines = new StringBuilder();
        for (String message : List.of("frame-1024", "frame-32768", "response-32768", "credit")) {
            for (String way : List.of("encode", "decode")) {
                figures.find(CodecBenchmark.class.getSimpleName() + "." + way, "message", message)
                        .ifPresent(r -> lines.append(String.format(
                                Locale.ROOT,
                                "| %s | %s | %s | %s |\n",
                                message,
                                way,
                                Figures.number(Figures.score(r)),
                                Figures.number(Figures.allocated(r) * 1024))));
            }
        }
        if (lines.length() > 0) {
            heading("Codec", "One message of the control channel; the number in its name is its bytes before base64.");
            page.append("| message | | ns | allocated bytes |\n| --- | --- | ---: | ---: |\n")
                    .append(lines);
        }
    }

    private void heading(String title, String explanation) {
        page.append("\n## ").append(title).append('\n').append(explanation).append("\n\n");
    }

    private interface Cell {
        String text(double value, Optional<Double> direct);
    }

    /** A line of a table: one value a cell, or several behind slashes. */
    private record Row(String title, String benchmark, List<Function<RunResult, Double>> values) {
        Row(String title, String benchmark, Function<RunResult, Double> value) {
            this(title, benchmark, List.of(value));
        }

        double value(RunResult result) {
            return values.get(0).apply(result);
        }

        String cell(RunResult result, Cell cell, Optional<Double> direct) {
            return values.stream()
                    .map(value -> cell.text(value.apply(result), direct))
                    .collect(Collectors.joining(" / "));
        }
    }
}
