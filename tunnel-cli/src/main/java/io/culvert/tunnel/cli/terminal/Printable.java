package io.culvert.tunnel.cli.terminal;

/** Text of others, made fit for a terminal: what they send must not move the cursor or change the screen. */
public final class Printable {
    private static final int REPLACEMENT = '?';

    private Printable() {}

    /** The text with {@code ?} for every control character, line end, direction mark and unpaired surrogate. */
    public static String of(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> result.appendCodePoint(isPrintable(c) ? c : REPLACEMENT));
        return result.toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** The text in no more than so many characters, with an ellipsis for what is left out. */
    public static String fit(String text, int columns) {
        if (text.length() <= columns) {
            return text;
        }
        return columns <= 0 ? "" : text.substring(0, columns - 1) + "…";
    }
}
