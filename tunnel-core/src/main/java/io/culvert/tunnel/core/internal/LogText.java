package io.culvert.tunnel.core.internal;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text from a peer, made fit for a log or an exception: without control characters and of bounded length. */
public final class LogText {
    private static final int MAX_LENGTH = 200;
    private static final int MAX_CLOSE_REASON_BYTES = 123;

    private LogText() {}

    /** The text with control and format characters replaced, cut at 200 characters. */
    public static String clean(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String cut = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "…" : text;
        StringBuilder clean = new StringBuilder(cut.length());
        cut.codePoints().forEach(c -> clean.appendCodePoint(isPlain(c) ? c : '?'));
        return clean.toString();
    }

    /** The text cut to what a close frame can hold (RFC 6455, section 5.5). */
    public static String closeReason(String text) {
        String reason = clean(text);
        while (reason.getBytes(StandardCharsets.UTF_8).length > MAX_CLOSE_REASON_BYTES) {
            reason = reason.substring(0, reason.offsetByCodePoints(reason.length(), -1));
        }
        return reason;
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
