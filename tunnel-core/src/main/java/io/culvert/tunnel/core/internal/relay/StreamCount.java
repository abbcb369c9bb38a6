package io.culvert.tunnel.core.internal.relay;

import org.jspecify.annotations.Nullable;

/** How many streams of one session are open or on their way. Thread-safe. */
final class StreamCount {
    private final Object lock = new Object();
    private int streams; // guarded by lock
    private @Nullable Runnable whenNone; // guarded by lock

    /** One more is wished for. */
    void begun() {
        synchronized (lock) {
            streams++;
        }
    }

    /** One is over, or did not come to be. */
    void over() {
        Runnable told = null;
        synchronized (lock) {
            if (--streams == 0) {
                told = whenNone;
                whenNone = null;
            }
        }
        if (told != null) {
            told.run();
        }
    }

    /** Runs the action once when there is none: now, or on the thread that ends the last. A later action takes the place of one that waits. */
    void whenNone(Runnable action) {
        synchronized (lock) {
            if (streams > 0) {
                whenNone = action;
                return;
            }
        }
        action.run();
    }
}
