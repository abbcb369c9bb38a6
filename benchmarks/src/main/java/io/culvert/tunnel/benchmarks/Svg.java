package io.culvert.tunnel.benchmarks;

import java.util.Locale;

/** An SVG document in the making, which reads on a light and on a dark page. Each path to the service is a class with its colour. */
public final class Svg {
    private final StringBuilder elements = new StringBuilder();

    /** Empty. */
    public Svg() {}

    /** Adds an element, as a format. */
    public void add(String element, Object... values) {
        elements.append(String.format(Locale.ROOT, element, values)).append('\n');
    }

    /** The document. */
    public String text(String title, int width, int height) {
        return String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" font-family="sans-serif" font-size="11">
            <title>%3$s</title>
            <style>
            text { fill: #24292f } .axis { stroke: #d0d7de } .tick { fill: #57606a; font-size: 9px } .title { font-weight: bold; font-size: 13px }
            .direct { fill: #7d8590; stroke: #7d8590 } .memory { fill: #2da44e; stroke: #2da44e }
            .control { fill: #d4731c; stroke: #d4731c } .tcp { fill: #388bfd; stroke: #388bfd } polyline { fill: none !important }
            @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .axis { stroke: #3d444d } .tick { fill: #9198a1 } }
            </style>
            %4$s</svg>
            """, width, Math.max(1, height), title, elements);
    }

    /** Where a decade's line is called. */
    public static String decade(int exponent) {
        return Figures.number(Math.pow(10, exponent)).replaceAll("\\.0+$", "");
    }
}
