package io.culvert.tunnel.cli.status;

import io.culvert.tunnel.cli.terminal.Size;
import java.io.PrintStream;
import java.util.List;

/**
 * A terminal's other screen (DECSET 1049), drawn anew in place: what was on the first one is back when it is closed. Nothing is erased
 * before it is drawn over, so nothing flickers.
 */
public final class Screen implements AutoCloseable {
    private static final String ESC = "\u001b[";
    private static final String ENTER = ESC + "?1049h" + ESC + "?25l" + ESC + "2J";
    private static final String LEAVE = ESC + "0m" + ESC + "?25h" + ESC + "?1049l";
    private static final String BEGIN = ESC + "?2026h" + ESC + "?7l";
    private static final String END = ESC + "?7h" + ESC + "?2026l";
    private static final String ERASE_LINE_END = ESC + "K";
    private static final String ERASE_BELOW = ESC + "J";

    private final PrintStream out;
    private List<String> drawn = List.of(); // guarded by this
    private boolean open; // guarded by this
    private boolean over; // guarded by this

    /** A screen that is entered with the first lines. */
    public Screen(PrintStream out) {
        this.out = out;
    }

    /**
     * Draws lines, if anything changed.
     *
     * @param again whether to draw everything, as something else may have written to the terminal
     */
    public synchronized void draw(List<String> lines, Size size, boolean again) {
        if (over) {
            return;
        }
        StringBuilder text = new StringBuilder();
        if (!open) {
            open = true;
            text.append(ENTER);
        }
        text.append(BEGIN);
        boolean changed = false;
        for (int i = 0; i < Math.min(lines.size(), size.rows()); i++) {
            boolean same = !again && i < drawn.size() && drawn.get(i).equals(lines.get(i));
            if (!same) {
                changed = true;
                text.append(ESC)
                        .append(i + 1)
                        .append(";1H")
                        .append(lines.get(i))
                        .append(ERASE_LINE_END);
            }
        }
        if ((again || lines.size() < drawn.size()) && lines.size() < size.rows()) {
            changed = true;
            text.append(ESC).append(lines.size() + 1).append(";1H").append(ERASE_BELOW);
        }
        drawn = List.copyOf(lines);
        if (changed) {
            out.print(text.append(END));
            out.flush();
        }
    }

    /** Gives the first screen and the cursor back. Nothing is drawn any more. Idempotent. */
    @Override
    public synchronized void close() {
        over = true;
        if (open) {
            open = false;
            out.print(LEAVE);
            out.flush();
        }
    }
}
