package io.culvert.tunnel.cli.terminal;

import java.util.Map;

/** How text looks: in colours, or as it is. */
public enum Style {
    /** As it is. */
    PLAIN {
        @Override
        String wrap(String code, String text) {
            return text;
        }
    },
    /** With the colours and weights that the terminal's owner has chosen (ECMA-48, SGR). */
    COLOURED {
        @Override
        String wrap(String code, String text) {
            return text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
        }
    };

    private static final String BOLD = "1";
    private static final String DIM = "2";
    private static final String RED = "31";
    private static final String GREEN = "32";
    private static final String YELLOW = "33";
    private static final String CYAN = "36";
    private static final String WHITE_ON_BLACK = "97;40";

    /** Colours for a terminal, unless {@code NO_COLOR} is set to anything. */
    public static Style of(Terminal terminal, Map<String, String> environment) {
        boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        return !refused && terminal.isThere() ? COLOURED : PLAIN;
    }

    abstract String wrap(String code, String text);

    /** What matters most. */
    public String strong(String text) {
        return wrap(BOLD, text);
    }

    /** What matters least. */
    public String faint(String text) {
        return wrap(DIM, text);
    }

    /** What went well. */
    public String good(String text) {
        return wrap(GREEN, text);
    }

    /** What needs a look. */
    public String doubtful(String text) {
        return wrap(YELLOW, text);
    }

    /** What went wrong. */
    public String bad(String text) {
        return wrap(RED, text);
    }

    /** What is neither. */
    public String neutral(String text) {
        return wrap(CYAN, text);
    }

    /** A line of a QR code, whose light parts are drawn: light and dark must not depend on the terminal's colours. */
    public String qr(String text) {
        return wrap(WHITE_ON_BLACK, text);
    }
}
