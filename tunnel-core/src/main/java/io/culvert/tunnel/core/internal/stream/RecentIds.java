package io.culvert.tunnel.core.internal.stream;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Ids of streams that ended a short while ago: messages for them crossed the end and are nobody's fault. Thread-safe. */
public final class RecentIds {
    static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final int MAX_KEPT = 4096;

    private final LongSupplier nanoTime;
    private final Map<String, Long> endedAt = new LinkedHashMap<>(); // guarded by this

    /** None yet; the clock counts nanoseconds, from anywhere. */
    public RecentIds(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The stream ended now. */
    public synchronized void add(String id) {
        long now = nanoTime.getAsLong();
        endedAt.put(id, now);
        Iterator<Long> oldest = endedAt.values().iterator();
        while (oldest.hasNext() && (now - oldest.next() > KEPT_NANOS || endedAt.size() > MAX_KEPT)) {
            oldest.remove();
        }
    }

    /** Whether the stream ended a short while ago. */
    public synchronized boolean contains(String id) {
        Long at = endedAt.get(id);
        return at != null && nanoTime.getAsLong() - at <= KEPT_NANOS;
    }
}
