package io.culvert.tunnel.core.internal.agent;

import java.time.Duration;
import java.util.Random;

/** How long to wait before the next attempt: a random part of a time that doubles with each failure. Not thread-safe. */
final class Backoff {
    /** The longest wait after the first failure. */
    static final Duration BASE = Duration.ofMillis(250);

    /** The longest wait of all. */
    static final Duration CAP = Duration.ofSeconds(15);

    private final Random random;
    private Duration longest = BASE;

    Backoff(Random random) {
        this.random = random;
    }

    /** The next wait: zero up to the longest wait now. */
    Duration next() {
        Duration wait = Duration.ofNanos((long) (random.nextDouble() * longest.toNanos()));
        Duration doubled = longest.multipliedBy(2);
        longest = doubled.compareTo(CAP) < 0 ? doubled : CAP;
        return wait;
    }

    /** Attempts are not expected to succeed soon. */
    void slowDown() {
        longest = CAP;
    }

    /** An attempt succeeded. */
    void reset() {
        longest = BASE;
    }
}
