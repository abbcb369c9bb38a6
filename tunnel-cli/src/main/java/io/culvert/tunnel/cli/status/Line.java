package io.culvert.tunnel.cli.status;

import io.culvert.tunnel.cli.terminal.Printable;
import io.culvert.tunnel.cli.terminal.Style;
import java.util.function.UnaryOperator;

/** A line of limited width in the making. What does not fit is left out, with an ellipsis. */
final class Line {
    private final int columns;
    private final StringBuilder text = new StringBuilder();
    private int used;

    Line(int columns) {
        this.columns = columns;
    }

    Line add(String more) {
        return add(more, UnaryOperator.identity());
    }

    /** Adds text that looks as {@code look} says, such as {@link Style#strong}. */
    Line add(String more, UnaryOperator<String> look) {
        String fitting = Printable.fit(Printable.of(more), columns - used);
        used += fitting.length();
        text.append(look.apply(fitting));
        return this;
    }

    /** Adds text in at least so many columns. */
    Line cell(int width, String more, UnaryOperator<String> look) {
        return add(more, look).add(" ".repeat(Math.max(0, width - more.length())));
    }

    /** Adds text at the right edge, if there is room for it. */
    Line right(String more, UnaryOperator<String> look) {
        int gap = columns - used - more.length();
        return gap > 0 ? add(" ".repeat(gap)).add(more, look) : this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
