package io.culvert.tunnel.core.internal;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Tells the messages that cross a stream's end on the wire, which are normal, from those of a peer that names streams that never
 * were. Thread-safe.
 */
public final class StrayGuard {
    /** How many messages for streams that never were are put up with in one {@link #WINDOW}. */
    public static final int MAX_STRAYS = 256;

    /** How long strays count. */
    static final Duration WINDOW = Duration.ofSeconds(10);

    /** How many streams are remembered, the newest. */
    static final int REMEMBERED = 4096;

    private final LongSupplier nanoTime;
    private final Map<String, Boolean> known = new LinkedHashMap<>() { // guarded by this
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > REMEMBERED;
                }
            };
    private int strays; // guarded by this
    private long windowStart; // guarded by this

    /** Knows no stream. */
    public StrayGuard(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.windowStart = nanoTime.getAsLong();
    }

    /** A stream with this id is, or will be. */
    public synchronized void known(String streamId) {
        known.put(streamId, Boolean.TRUE);
    }

    /** Counts a message for a stream that is not open. Returns whether it was one too many. */
    public synchronized boolean stray(String streamId) {
        if (known.containsKey(streamId)) {
            return false;
        }
        long now = nanoTime.getAsLong();
        if (now - windowStart > WINDOW.toNanos()) {
            windowStart = now;
            strays = 0;
        }
        return ++strays > MAX_STRAYS;
    }
}
