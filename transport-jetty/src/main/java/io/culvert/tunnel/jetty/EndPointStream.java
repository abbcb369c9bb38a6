package io.culvert.tunnel.jetty;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.internal.io.IdleWatch;
import io.culvert.tunnel.jetty.internal.io.Resets;
import io.culvert.tunnel.jetty.internal.io.TunnelEndPoint;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A connection of Jetty's as a data stream.
 *
 * <p>Whoever unwraps its {@link EndPoint} takes that over with {@link EndPoint#upgrade}, which hands on bytes that were read already.
 * From then on this stream only tells when it is over; note that Jetty's HTTP client does not notice by itself that someone else
 * closed its EndPoint: tell its connection from {@link #onClosed}.
 */
public final class EndPointStream implements DataStream {
    /** How much a peer may send after {@link #close} without harm to what was written last. */
    private static final int DISCARDED_BYTES = 256 * 1024;

    private final String id;
    private final EndPoint endPoint;
    private final TunnelEndPoint raw;
    private final StreamConnection connection;
    private final Callback written = new Written();

    /** The write under way. */
    private final AtomicReference<@Nullable Completion> writing = new AtomicReference<>();

    private volatile @Nullable StreamException failure;
    private volatile @Nullable IdleWatch watch;
    private volatile boolean ended;
    private volatile boolean inputEnded;
    private volatile boolean closing;

    /**
     * A stream over a connection. The connection belongs to it once {@link #connection()} is put on the EndPoint.
     *
     * @param id the stream's id
     * @param endPoint of a relay's listener or an agent's dial, perhaps wrapped in TLS
     * @param executor where Jetty runs what may block
     * @param onOpen run once when the connection is on the EndPoint and the stream may be used
     * @throws IllegalArgumentException if the connection was made by another listener, on which resets would be taken for ends
     */
    public EndPointStream(String id, EndPoint endPoint, Executor executor, Consumer<EndPointStream> onOpen) {
        this.id = id;
        this.endPoint = endPoint;
        this.raw = Resets.raw(endPoint)
                .orElseThrow(
                        () -> new IllegalArgumentException("not a connection of a tunnel's listener: " + endPoint));
        this.connection = new StreamConnection(endPoint, executor, () -> onOpen.accept(this), this::broken);
    }

    /** What to put on the EndPoint, for example with {@link EndPoint#upgrade}. */
    public Connection connection() {
        return connection;
    }

    /**
     * Watches a stream that nobody uses yet. Both callbacks run on a selector's thread and must not block; at most one is called, and
     * only once.
     *
     * @param onBytes the peer sent something, which is kept for the next reader; the watch is over
     * @param onEnd the peer ended the stream ({@code null}) or reset it; the watch is over
     */
    public void park(Runnable onBytes, Consumer<@Nullable Throwable> onEnd) {
        if (connection.holdsBytes()) {
            onBytes.run();
            return;
        }
        IdleWatch begun = new IdleWatch(endPoint, (bytes, failed) -> {
            if (bytes != null) {
                connection.hold(bytes);
                onBytes.run();
            } else {
                onEnd.accept(failed == null ? null : failed(failed));
            }
        });
        watch = begun;
        begun.begin();
    }

    /** Ends the watch, so that the stream can be used. Runs the callback once: at once, unless a thread is just reading. */
    public void unpark(Runnable then) {
        IdleWatch begun = watch;
        if (begun == null) {
            then.run();
        } else {
            watch = null;
            begun.end(then);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        StreamException failed = failure;
        if (failed != null) {
            throw failed;
        }
        if (closing) {
            throw new StreamException(TunnelError.CLOSED, "stream " + id + " was closed on this side");
        }
        if (connection.holdsBytes()) {
            return connection.take(target);
        }
        ByteBuffer view = target.slice().limit(0); // Jetty appends behind the limit
        int count;
        try {
            count = Resets.fill(endPoint, view);
        } catch (IOException x) {
            throw broken(x);
        }
        if (count > 0) {
            target.position(target.position() + count);
        } else if (count < 0) {
            inputEnded = true;
            closeIfBothEnded();
        }
        return count;
    }

    @Override
    public void onReadable(Runnable callback) {
        if (connection.holdsBytes() || failure != null) {
            callback.run();
        } else {
            endPoint.fillInterested(
                    Callback.from(Callback.NOOP.getInvocationType(), callback::run, x -> callback.run()));
        }
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        if (!writing.compareAndSet(null, completion)) {
            completion.failed(new IllegalStateException("a write is outstanding on stream " + id));
            return;
        }
        if (ended) {
            refuse(completion);
            return;
        }
        endPoint.write(written, source);
    }

    /** A close that saw this write under way has left the rest of the closing to it. */
    private void refuse(Completion completion) {
        writing.set(null);
        if (closing) {
            closeNow();
        }
        completion.failed(new StreamException(TunnelError.CLOSED, "write after the end of stream " + id));
    }

    @Override
    public void end() {
        endPoint.shutdownOutput();
        ended = true;
        closeIfBothEnded();
    }

    /** TCP does that by itself; TLS keeps the connection below it. */
    private void closeIfBothEnded() {
        if (ended && inputEnded) {
            Resets.finish(endPoint);
        }
    }

    @Override
    public void close() {
        ended = true;
        closing = true;
        if (writing.get() == null) {
            closeNow();
        } // else when the write is done: what is written still arrives
    }

    /** Unread bytes would make the kernel send a reset, which can overtake what was written last. */
    private void closeNow() {
        endPoint.shutdownOutput();
        ByteBuffer discarded = BufferUtil.allocate(DISCARDED_BYTES / 16);
        try {
            for (int count = 0; count < DISCARDED_BYTES; ) {
                BufferUtil.clear(discarded);
                int filled = Resets.fill(endPoint, discarded);
                if (filled <= 0) {
                    break;
                }
                count += filled;
            }
        } catch (IOException x) {
            Resets.abort(endPoint, x);
            return;
        }
        Resets.finish(endPoint);
    }

    @Override
    public void reset(Throwable cause) {
        broken(cause);
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> listener) {
        raw.onClosed(cause -> listener.accept(cause == null ? null : failed(cause)));
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return type == EndPoint.class ? Optional.of(type.cast(endPoint)) : Optional.empty();
    }

    /** A failure ends both directions: one alone cannot go on. */
    private StreamException broken(Throwable cause) {
        StreamException failed = failed(cause);
        ended = true;
        Resets.abort(endPoint, failed);
        return failed;
    }

    /** The first failure stays the stream's failure. */
    private synchronized StreamException failed(Throwable cause) {
        StreamException present = failure;
        if (present == null) {
            present = cause instanceof StreamException s
                    ? s
                    : new StreamException(
                            StreamException.errorOf(cause),
                            "stream " + id + " was reset: " + cause.getMessage(),
                            cause);
            failure = present;
        }
        return present;
    }

    @Override
    public String toString() {
        return "EndPointStream[" + id + "]";
    }

    private final class Written implements Callback {
        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public void succeeded() {
            Completion completion = done();
            if (completion != null) {
                completion.succeeded();
            }
        }

        @Override
        public void failed(Throwable cause) {
            StreamException failed = broken(cause);
            Completion completion = done();
            if (completion != null) {
                completion.failed(failed);
            }
        }

        private @Nullable Completion done() {
            Completion completion = writing.getAndSet(null);
            if (closing) {
                closeNow();
            }
            return completion;
        }
    }
}
