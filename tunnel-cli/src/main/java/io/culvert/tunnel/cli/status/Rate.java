package io.culvert.tunnel.cli.status;

import java.util.ArrayDeque;
import java.util.Deque;

/** How fast a count grows, over the last seconds. For one thread. */
final class Rate {
    private static final long WINDOW_NANOS = 2_000_000_000L;

    private final Deque<long[]> samples = new ArrayDeque<>();

    /** Notes the count as it is now and returns its growth a second. */
    double at(long nanoTime, long count) {
        samples.addLast(new long[] {nanoTime, count});
        while (samples.size() > 2 && nanoTime - samples.peekFirst()[0] > WINDOW_NANOS) {
            samples.removeFirst();
        }
        long[] oldest = samples.peekFirst();
        long nanos = nanoTime - oldest[0];
        return nanos <= 0 ? 0 : (count - oldest[1]) * 1e9 / nanos;
    }
}
