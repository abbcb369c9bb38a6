package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream whose end a role hears of too, as a stream itself takes one listener only. Costs nothing on the way of the bytes. */
public final class TrackedStream implements DataStream {
    private final DataStream stream;
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
        this.stream = stream;
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

    @Override
    public String id() {
        return stream.id();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return stream.read(target);
    }

    @Override
    public void onReadable(Runnable callback) {
        stream.onReadable(callback);
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        stream.write(source, completion);
    }

    @Override
    public void end() {
        stream.end();
    }

    @Override
    public void close() {
        stream.close();
    }

    @Override
    public void reset(Throwable cause) {
        stream.reset(cause);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return stream.unwrap(type);
    }
}
