package io.culvert.tunnel.core.mux;

import org.jspecify.annotations.Nullable;

/** Reasons on their way to or from a peer: short and printable, since they end in logs. */
final class Words {
    private static final int MAX_LENGTH = 200;

    private Words() {}

    static String bounded(@Nullable String words) {
        if (words == null) {
            return "";
        }
        String cut = words.length() > MAX_LENGTH ? words.substring(0, MAX_LENGTH) : words;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
