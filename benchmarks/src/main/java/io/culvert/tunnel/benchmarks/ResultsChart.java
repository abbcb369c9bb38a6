package io.culvert.tunnel.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.results.RunResult;

/** The picture of a run: one panel for each question, on logarithmic scales, as SVG that reads on a light and on a dark page. */
final class ResultsChart {
    private static final double BULK_MIB = TransportComparisonBenchmark.BULK_BYTES / 1048576.0;
    private static final int PANEL_WIDTH = 440;
    private static final int LABEL_WIDTH = 84;
    private static final int VALUE_WIDTH = 64;
    private static final int TOP = 54;
    private static final int LINE = 15;
    private static final int GAP = 7;

    private final Figures figures;
    private final Svg svg = new Svg();

    ResultsChart(Figures figures) {
        this.figures = figures;
    }

    /** A figure of a panel; those of one group stand together. */
    private record Point(String group, String transport, double value) {}

    String svg() {
        List<Panel> panels = new ArrayList<>();
        panels.add(bySize("Stream, one way up, MiB/s", "streamOneWay", r -> Figures.score(r) * BULK_MIB));
        panels.add(bySize("Stream ping-pong, median µs", "streamPingPong", r -> Figures.percentile(r, 50)));
        panels.add(bySize("WebSocket, one way down, MiB/s", "webSocketBulk", r -> Figures.score(r) * BULK_MIB));
        panels.add(bySize("WebSocket echo, median µs", "webSocketEcho", r -> Figures.percentile(r, 50)));
        panels.add(byVisitors("GETs/s of 1 KiB", "httpGet"));
        panels.add(bySize("HTTP GET, median µs", "httpGet", r -> Figures.percentile(r, 50)));
        panels.add(byVisitors("Stream round trips/s of 1 KiB", "streamPingPong"));
        panels.removeIf(panel -> panel.points.isEmpty());
        int y = 0;
        for (int i = 0; i < panels.size(); i += 2) {
            int height = panels.get(i).height();
            draw(panels.get(i), 0, y);
            if (i + 1 < panels.size()) {
                height = Math.max(height, panels.get(i + 1).height());
                draw(panels.get(i + 1), PANEL_WIDTH, y);
            }
            y += height;
        }
        return svg.text("Throughput and latency by transport", 2 * PANEL_WIDTH, y);
    }

    private Panel bySize(String title, String method, ToDoubleFunction<RunResult> value) {
        List<Point> points = new ArrayList<>();
        for (String size : ResultsPage.SIZES) {
            for (String transport : ResultsPage.TRANSPORTS) {
                add(points, Figures.size(size), transport, figures.compared(method, transport, size), value);
            }
        }
        return new Panel(title, points);
    }

    private Panel byVisitors(String title, String method) {
        List<Point> points = new ArrayList<>();
        for (int visitors : figures.visitors()) {
            for (String transport : ResultsPage.TRANSPORTS) {
                String group = visitors == 1 ? "1 visitor" : visitors + " visitors";
                add(points, group, transport, figures.concurrent(method, transport, visitors), Figures::score);
            }
        }
        return new Panel(title, points);
    }

    private static void add(
            List<Point> points,
            String group,
            String transport,
            Optional<RunResult> result,
            ToDoubleFunction<RunResult> value) {
        result.map(value::applyAsDouble)
                .filter(v -> Double.isFinite(v) && v > 0)
                .ifPresent(v -> points.add(new Point(group, transport, v)));
    }

    /** A title, an axis by decades, and a line for each figure. */
    private record Panel(String title, List<Point> points) {
        int height() {
            long groups = points.stream().map(Point::group).distinct().count();
            return TOP + (int) (points.size() * LINE + groups * (LINE + GAP)) + GAP;
        }

        int lowest() {
            return (int) Math.floor(
                    Math.log10(points.stream().mapToDouble(Point::value).min().orElse(1)));
        }

        int highest() {
            double most = points.stream().mapToDouble(Point::value).max().orElse(1);
            return Math.max(lowest() + 1, (int) Math.ceil(Math.log10(most)));
        }
    }

    private void draw(Panel panel, int left, int top) {
        int from = left + LABEL_WIDTH;
        int width = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH;
        int lowest = panel.lowest();
        int highest = panel.highest();
        int bottom = top + panel.height() - GAP;
        svg.add("<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>", left + 8, top + 20, panel.title);
        for (int decade = lowest; decade <= highest; decade++) {
            int x = from + width * (decade - lowest) / (highest - lowest);
            svg.add("<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", x, top + 40, x, bottom);
            svg.add(
                    "<text class=\"tick\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">%s</text>",
                    x, top + 36, Svg.decade(decade));
        }
        int y = top + TOP - LINE;
        String group = "";
        for (Point point : panel.points) {
            if (!point.group.equals(group)) {
                group = point.group;
                y += LINE + GAP;
                svg.add("<text font-weight=\"bold\" x=\"%d\" y=\"%d\">%s</text>", left + 8, y, group);
            }
            y += LINE;
            double x = from + width * (Math.log10(point.value) - lowest) / (highest - lowest);
            svg.add("<text text-anchor=\"end\" x=\"%d\" y=\"%d\">%s</text>", from - 8, y, point.transport);
            svg.add(
                    "<line class=\"%s\" stroke-width=\"2\" x1=\"%d\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                    point.transport, from, y - 4, x, y - 4);
            svg.add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%d\" r=\"4\"/>", point.transport, x, y - 4);
            svg.add("<text x=\"%.1f\" y=\"%d\">%s</text>", x + 8, y, Figures.number(point.value));
        }
    }
}
