package io.culvert.tunnel.cli.terminal;

import java.time.Duration;
import java.util.Locale;

/** Bytes and times as a person reads them. */
public final class Amount {
    private Amount() {}

    /** A number of bytes, such as {@code 1.4 MiB}. */
    public static String bytes(double count) {
        if (count < 1024) {
            return Math.round(count) + " B";
        }
        double scaled = count;
        int unit = -1;
        while (scaled >= 1024 && unit < 3) {
            scaled /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, scaled < 100 ? "%.1f %ciB" : "%.0f %ciB", scaled, "KMGT".charAt(unit));
    }

    /** A time, such as {@code 0.8 ms}, {@code 120 ms} or {@code 1.25 s}. */
    public static String time(Duration time) {
        double millis = time.toNanos() / 1e6;
        if (millis < 10) {
            return String.format(Locale.ROOT, "%.1f ms", millis);
        }
        return millis < 1000
                ? String.format(Locale.ROOT, "%.0f ms", millis)
                : String.format(Locale.ROOT, "%.2f s", millis / 1000);
    }
}
