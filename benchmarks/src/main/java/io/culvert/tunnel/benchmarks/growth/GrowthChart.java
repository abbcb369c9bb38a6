package io.culvert.tunnel.benchmarks.growth;

import io.culvert.tunnel.benchmarks.Svg;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The curves as a picture: a row for each, with rate, latency and processor time on logarithmic scales. */
final class GrowthChart {
    private static final int WIDTH = 320;
    private static final int HEIGHT = 200;
    private static final int LEFT = 50;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 26;
    private static final int LEGEND = 24;

    private final Points points;
    private final Svg svg = new Svg();

    GrowthChart(List<Sample> samples) {
        points = new Points(samples);
    }

    /** A line of a panel; those that are not solid are dashed. */
    private record Line(String way, boolean solid, ToDoubleFunction<Sample> value) {}

    String svg() {
        int x = 8;
        for (String way : Growth.WAYS) {
            svg.add("<circle class=\"%s\" cx=\"%d\" cy=\"12\" r=\"4\"/>", way, x + 4);
            svg.add("<text x=\"%d\" y=\"16\">%s</text>", x + 12, way);
            x += 70;
        }
        int top = LEGEND;
        for (Curve curve : Curve.values()) {
            List<Line> rates = new ArrayList<>();
            List<Line> times = new ArrayList<>();
            List<Line> costs = new ArrayList<>();
            for (String way : Growth.WAYS) {
                rates.add(new Line(way, true, Sample::rate));
                times.add(new Line(way, true, Sample::median));
                times.add(new Line(way, false, Sample::p99));
                costs.add(new Line(way, true, Sample::cpu));
            }
            svg.add("<text class=\"title\" x=\"8\" y=\"%d\">%s</text>", top + 18, curve.title);
            panel(curve, curve.rate, rates, 0, top);
            panel(curve, "µs of relay and agent for " + curve.unit(), costs, WIDTH, top);
            if (curve.timed) {
                panel(curve, "µs, median and (dashed) 99 %", times, 2 * WIDTH, top);
            }
            top += HEIGHT;
        }
        return svg.text("Growth with connections, sizes and tunnels", 3 * WIDTH, top);
    }

    private void panel(Curve curve, String title, List<Line> lines, int left, int top) {
        List<Integer> ats = points.of(curve);
        double[] values = lines.stream()
                .flatMapToDouble(line -> ats.stream()
                        .flatMap(at -> points.find(curve, at, line.way).stream())
                        .mapToDouble(line.value))
                .filter(value -> value > 0)
                .sorted()
                .toArray();
        if (values.length == 0) {
            return;
        }
        int lowest = (int) Math.floor(Math.log10(values[0]));
        int highest = Math.max(lowest + 1, (int) Math.ceil(Math.log10(values[values.length - 1])));
        svg.add("<text x=\"%d\" y=\"%d\">%s</text>", left + LEFT, top + TOP - 8, title);
        for (int decade = lowest; decade <= highest; decade++) {
            double y = y(decade, lowest, highest, top);
            svg.add(
                    "<line class=\"axis\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>",
                    left + LEFT, y, left + WIDTH - RIGHT, y);
            svg.add(
                    "<text class=\"tick\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%s</text>",
                    left + LEFT - 4, y + 3, Svg.decade(decade));
        }
        for (int at : ats) {
            svg.add(
                    "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>",
                    x(ats, at, left), top + HEIGHT - BOTTOM + 14, mark(curve, at));
        }
        for (Line line : lines) {
            StringBuilder path = new StringBuilder();
            for (int at : ats) {
                points.find(curve, at, line.way)
                        .map(line.value::applyAsDouble)
                        .filter(value -> value > 0)
                        .ifPresent(value -> path.append(String.format(
                                Locale.ROOT,
                                "%.1f,%.1f ",
                                x(ats, at, left),
                                y(Math.log10(value), lowest, highest, top))));
            }
            svg.add(
                    "<polyline class=\"%s\" stroke-width=\"2\"%s points=\"%s\"/>",
                    line.way,
                    line.solid ? "" : " stroke-dasharray=\"2 4\"",
                    path.toString().trim());
            for (String point : path.toString().trim().split(" ")) {
                String[] xy = point.split(",");
                if (line.solid && xy.length == 2) {
                    svg.add("<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3\"/>", line.way, xy[0], xy[1]);
                }
            }
        }
    }

    /** Short, as sizes stand close together. */
    private static String mark(Curve curve, int at) {
        return GrowthPage.at(curve, at).replace(" KiB", "Ki").replace(" MiB", "Mi");
    }

    private static double x(List<Integer> ats, int at, int left) {
        double first = Math.log(ats.get(0));
        double last = Math.log(ats.get(ats.size() - 1));
        double part = last == first ? 0.5 : (Math.log(at) - first) / (last - first);
        return left + LEFT + 12 + part * (WIDTH - LEFT - RIGHT - 24);
    }

    private static double y(double exponent, int lowest, int highest, int top) {
        return top + HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (exponent - lowest) / (highest - lowest);
    }
}
