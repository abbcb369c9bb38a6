package io.culvert.tunnel.benchmarks.growth;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The medians of all rounds. */
record Points(List<Sample> samples) {
    /** How far a curve was followed. */
    List<Integer> of(Curve curve) {
        return samples.stream()
                .filter(s -> s.curve() == curve)
                .map(Sample::at)
                .distinct()
                .sorted()
                .toList();
    }

    Optional<Sample> find(Curve curve, int at, String way) {
        List<Sample> rounds = samples.stream()
                .filter(s -> s.curve() == curve && s.at() == at && s.way().equals(way))
                .toList();
        return rounds.isEmpty()
                ? Optional.empty()
                : Optional.of(new Sample(
                        curve,
                        at,
                        way,
                        median(rounds, Sample::rate),
                        median(rounds, Sample::median),
                        median(rounds, Sample::p99),
                        median(rounds, Sample::cpu)));
    }

    private static double median(List<Sample> rounds, ToDoubleFunction<Sample> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Processor time of a unit, as a multiple of what it cost at the cheapest point before. 1 at the first. */
    double growth(Curve curve, int at, String way) {
        double now = find(curve, at, way).orElseThrow().cpu();
        return now
                / of(curve).stream()
                        .filter(before -> before < at)
                        .mapToDouble(
                                before -> find(curve, before, way).orElseThrow().cpu())
                        .min()
                        .orElse(now);
    }
}
