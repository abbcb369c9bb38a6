package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as a person writes it. */
public final class ByteCount {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([kmg]?)");

    private ByteCount() {}

    /**
     * Reads {@code 4096}, {@code 64k}, {@code 10M} or {@code 2G}, in powers of 1,024.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if it is none of these
     */
    public static long parse(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "'" + text + "' is not a number of bytes: write 4096, 64k, 10M or 2G.");
        }
        int shift =
                switch (matcher.group(2)) {
                    case "k" -> 10;
                    case "m" -> 20;
                    case "g" -> 30;
                    default -> 0;
                };
        return Long.parseLong(matcher.group(1)) << shift;
    }
}
