package io.culvert.tunnel;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often something may happen: {@code count} times at once, and again as time goes by, evenly.
 *
 * @param count how many, 1 to 1,000,000
 * @param period in what time as many come anew, 1 ms to 24 h
 */
public record Rate(int count, Duration period) {
    private static final int HIGHEST = 1_000_000;
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,7})/([smh])");
    private static final Map<String, Duration> UNITS =
            Map.of("s", Duration.ofSeconds(1), "m", Duration.ofMinutes(1), "h", Duration.ofHours(1));

    /** @throws TunnelException {@code BAD_CONFIGURATION} if one is out of range */
    public Rate {
        AgentOptions.inRange("The count of a rate", count, 1, HIGHEST);
        if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "The period of a rate must be 1 ms to 24 h, not " + period + ".");
        }
    }

    /** So many a second. */
    public static Rate perSecond(int count) {
        return new Rate(count, Duration.ofSeconds(1));
    }

    /** So many a minute. */
    public static Rate perMinute(int count) {
        return new Rate(count, Duration.ofMinutes(1));
    }

    /**
     * Reads {@code 20/s}, {@code 600/m} or {@code 1000/h}.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if it is none of these
     */
    public static Rate parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "'" + text + "' is not a rate: write 20/s, 600/m or 1000/h.");
        }
        return new Rate(Integer.parseInt(matcher.group(1)), unit);
    }
}
