package io.culvert.tunnel.core.internal.stream;

import org.jspecify.annotations.Nullable;

/**
 * The callback of a stream's reader. At most one waits, and at most one runs: one that is registered by a running one is taken
 * after that returned, so that no chain of callbacks grows the stack. Not thread-safe: the stream's lock guards it.
 */
public final class ReadCallback {
    private @Nullable Runnable waiting;
    private boolean running;

    /** A stream's, with none registered. */
    public ReadCallback() {}

    /** Registers the next one. */
    public void register(Runnable callback) {
        if (waiting != null) {
            throw new IllegalStateException("The stream has a callback for reading already.");
        }
        waiting = callback;
    }

    /** The one to run now, if any; {@link #returned} must follow. */
    public @Nullable Runnable take(boolean readable) {
        if (!readable || running || waiting == null) {
            return null;
        }
        Runnable due = waiting;
        waiting = null;
        running = true;
        return due;
    }

    /** The one that was taken returned. */
    public void returned() {
        running = false;
    }
}
