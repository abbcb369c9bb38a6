package io.culvert.tunnel.core.internal.guard;

import io.culvert.tunnel.Rate;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A full bucket of tokens at first; each {@link #take} takes one, and they come back evenly. Kept as one number: the time at which the bucket
 * will be full again. Thread-safe.
 */
final class TokenBucket {
    private final long nanosPerToken;
    private final long nanosToFill;
    private final LongSupplier nanoTime;
    private final AtomicLong full;

    TokenBucket(Rate rate, LongSupplier nanoTime) {
        this.nanosToFill = rate.period().toNanos();
        this.nanosPerToken = nanosToFill / rate.count();
        this.nanoTime = nanoTime;
        this.full = new AtomicLong(nanoTime.getAsLong());
    }

    /** Takes a token; 0 if there was one, else in how many nanoseconds there will be. */
    long take() {
        while (true) {
            long now = nanoTime.getAsLong();
            long before = full.get();
            long after = (before - now > 0 ? before : now) + nanosPerToken;
            long missing = after - now - nanosToFill;
            if (missing > 0) {
                return missing;
            }
            if (full.compareAndSet(before, after)) {
                return 0;
            }
        }
    }

    /** In how many nanoseconds there will be a token; 0 if there is one. */
    long missing() {
        long now = nanoTime.getAsLong();
        long before = full.get();
        return Math.max(0, (before - now > 0 ? before - now : 0) + nanosPerToken - nanosToFill);
    }

    /** Whether it is as if nobody had taken any. */
    boolean isFull() {
        return full.get() - nanoTime.getAsLong() <= 0;
    }
}
