package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.spi.DataStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream whose end a role hears of too, as a stream itself takes one listener only. Costs nothing on the way of the bytes. */
public final class TrackedStream extends ForwardingStream {
    private final Object lock = new Object();
    private @Nullable Consumer<@Nullable Throwable> listener; // guarded by lock
    private boolean over; // guarded by lock
    private @Nullable Throwable reason; // guarded by lock

    /**
     * Tracks a stream.
     *
     * @param first told of the end before the listener of {@link #onClosed}
     */
    public TrackedStream(DataStream stream, Consumer<@Nullable Throwable> first) {
        super(stream);
        stream.onClosed(cause -> {
            try {
                first.accept(cause);
            } finally {
                ended(cause);
            }
        });
    }

    private void ended(@Nullable Throwable cause) {
        Consumer<@Nullable Throwable> told;
        synchronized (lock) {
            over = true;
            reason = cause;
            told = listener;
        }
        if (told != null) {
            told.accept(cause);
        }
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> told) {
        Throwable cause;
        synchronized (lock) {
            if (!over) {
                listener = told;
                return;
            }
            cause = reason;
        }
        told.accept(cause);
    }
}
