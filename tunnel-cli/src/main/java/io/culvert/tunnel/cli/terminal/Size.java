package io.culvert.tunnel.cli.terminal;

/**
 * How much fits on a terminal.
 *
 * @param columns characters in a line, at least 1
 * @param rows lines, at least 1
 */
public record Size(int columns, int rows) {
    /** What a terminal has that does not tell. */
    public static final Size USUAL = new Size(80, 24);

    /** A size with at least one of each. */
    public Size {
        columns = Math.max(1, columns);
        rows = Math.max(1, rows);
    }
}
