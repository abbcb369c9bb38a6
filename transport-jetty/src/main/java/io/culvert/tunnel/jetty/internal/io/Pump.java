package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.core.net.StreamMeter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * Copies bytes both ways between two connections until both directions ended or one side was aborted. An end travels on as a
 * half-close, an abort as an abort of both sides with the same cause. Runs on the selectors' threads and never blocks; holds
 * no buffer while nothing is to be copied.
 *
 * <p>Each side's {@link #upstream()} or {@link #downstream()} becomes the {@link Connection} of its EndPoint, either through
 * {@link #start()} or by whoever takes an EndPoint over ({@link EndPoint#upgrade}, Jetty's server after a 101). Copying starts once both
 * are opened; bytes that were read before are handed over by Jetty and copied first.
 */
public final class Pump {
    /** How many buffers are copied before other connections of the same selector have their turn. */
    private static final int TURNS = 16;

    /** A connection that gave less had no more: what comes later, the selector tells. */
    private static final int SMALL_READ = 4 * 1024;

    /** Says that there is something else than input. */
    private static final Throwable WAKE_UP = new QuietException.Exception("wake up");

    private final ByteBufferPool pool;
    private final StreamMeter meter;
    private final Consumer<@Nullable Throwable> onDone;
    private final Leg upstream;
    private final Leg downstream;

    /** Both legs, and who holds the start back. */
    private final AtomicInteger awaited = new AtomicInteger(2);

    private final AtomicInteger flowsToEnd = new AtomicInteger(2);
    private final AtomicBoolean done = new AtomicBoolean();
    private volatile boolean leaving;

    /**
     * A pump between two connections, not started.
     *
     * @param upstream toward the local service; what it gives travels {@link Direction#DOWN}
     * @param downstream toward the visitor; what it gives travels {@link Direction#UP}
     * @param meter counts each byte as it is read
     * @param executor where Jetty runs what may block; the pump itself does not use it
     * @param onDone told once, on any thread, when both sides are closed: {@code null} after an orderly end, else why; must not block
     */
    public Pump(
            EndPoint upstream,
            EndPoint downstream,
            StreamMeter meter,
            ByteBufferPool pool,
            Executor executor,
            Consumer<@Nullable Throwable> onDone) {
        this.pool = pool;
        this.meter = meter;
        this.onDone = onDone;
        Flow up = new Flow(Direction.UP, downstream, upstream);
        Flow down = new Flow(Direction.DOWN, upstream, downstream);
        this.upstream = new Leg(upstream, executor, down, up);
        this.downstream = new Leg(downstream, executor, up, down);
    }

    /** The connection to put on the upstream EndPoint. */
    public Connection upstream() {
        return upstream;
    }

    /** The connection to put on the downstream EndPoint. */
    public Connection downstream() {
        return downstream;
    }

    /** The connections speak WebSocket (RFC 6455) from their next byte on, so that {@link #farewell()} can be said. Before the start. */
    public void speaksWebSocket() {
        upstream.outgoing.frames = new FrameBoundary();
        downstream.outgoing.frames = new FrameBoundary();
    }

    /**
     * Ends both directions with a close frame of code 1001 as soon as the frame that is under way is whole. What peers send after that is
     * dropped. Does nothing for other protocols than WebSocket. Idempotent; from any thread.
     */
    public void farewell() {
        leaving = true;
        if (awaited.get() == 0) { // else the EndPoints may still be somebody else's, and the start looks at the flag
            upstream.outgoing.wake();
            downstream.outgoing.wake();
        }
    }

    /** Takes both EndPoints over and starts. Instead of, not together with, putting the connections there oneself. */
    public void start() {
        upstream.install();
        downstream.install();
    }

    /** Before the start: copying begins only after {@link #release()}, because an EndPoint still has something else to write. */
    public void hold() {
        awaited.incrementAndGet();
    }

    /** Once after {@link #hold()}, from any thread. */
    public void release() {
        startIfAll();
    }

    /** Aborts both sides, started or not. Idempotent; from any thread. */
    public void abort(Throwable cause) {
        finish(cause);
    }

    private void startIfAll() {
        if (awaited.decrementAndGet() == 0 && !done.get()) {
            upstream.outgoing.iterate();
            downstream.outgoing.iterate();
        }
    }

    private void flowEnded() {
        if (flowsToEnd.decrementAndGet() == 0) {
            finish(null);
        }
    }

    private void finish(@Nullable Throwable cause) {
        if (!done.compareAndSet(false, true)) {
            return;
        }
        close(upstream.getEndPoint(), cause);
        close(downstream.getEndPoint(), cause);
        onDone.accept(cause);
    }

    private static void close(EndPoint endPoint, @Nullable Throwable cause) {
        if (cause == null) {
            Resets.finish(endPoint);
        } else {
            Resets.abort(endPoint, cause);
        }
    }

    /** One side as Jetty sees it: tells when the EndPoint is ours and when it is gone. */
    private final class Leg extends AbstractConnection.NonBlocking implements Connection.UpgradeTo {
        private final Flow outgoing;
        private final Flow incoming;

        /**
         * A side.
         *
         * @param outgoing reads from this side
         * @param incoming writes to this side
         */
        private Leg(EndPoint endPoint, Executor executor, Flow outgoing, Flow incoming) {
            super(endPoint, executor);
            this.outgoing = outgoing;
            this.incoming = incoming;
        }

        private void install() {
            EndPoint endPoint = getEndPoint();
            try {
                if (endPoint.getConnection() == null) {
                    endPoint.setConnection(this);
                    endPoint.onOpen();
                    onOpen();
                } else {
                    endPoint.upgrade(this);
                }
            } catch (RuntimeException x) { // closed in the meantime
                finish(x);
            }
        }

        @Override
        public void onUpgradeTo(ByteBuffer early) {
            outgoing.early = early;
        }

        @Override
        public void onOpen() {
            super.onOpen();
            getEndPoint().setIdleTimeout(0);
            startIfAll();
        }

        @Override
        public void onFillable() {
            // The flows register themselves, with callbacks of their own.
        }

        /** Jetty stops: what is under way is cut, which must not look like an end. */
        @Override
        public void close() {
            finish(new EofException("the network stops"));
        }

        @Override
        public void onClose(@Nullable Throwable cause) {
            super.onClose(cause);
            // An EndPoint closes itself after its second end; anything else that closes it is an abort for the other
            // side.
            if (cause != null || !incoming.ended) {
                finish(cause != null ? cause : new EofException("connection closed by this process"));
            }
        }
    }

    /** One direction. A turn reads once and writes what it read; the next begins when the write is done. */
    private final class Flow extends IteratingCallback {
        private final Direction direction;
        private final EndPoint source;
        private final EndPoint sink;

        /** What {@link EndPoint#write} takes, kept to make no garbage. Used in turns only. */
        private final ByteBuffer[] writing = new ByteBuffer[1];

        /** Read by someone else before the pump had the source. Set before the start, then used in turns only. */
        private @Nullable ByteBuffer early;

        /** Held from reading until the write is done. Used in turns only. */
        private @Nullable RetainableByteBuffer buffer;

        /** Used in turns only. */
        private int turns;

        /** Whether there is probably nothing to read, so that trying would be a system call for nothing. Used in turns only. */
        private boolean drained = true;

        /** Where frames end, if that matters. Set before the start, then used in turns only. */
        private @Nullable FrameBoundary frames;

        /** Whether the last byte of a frame is the last one that was written. Used in turns only. */
        private boolean cut;

        /** Whether the close frame was written. Used in turns only. */
        private boolean saidFarewell;

        private final Callback readable = Callback.from(InvocationType.NON_BLOCKING, this::succeeded, this::unreadable);

        private volatile boolean ended;

        private Flow(Direction direction, EndPoint source, EndPoint sink) {
            this.direction = direction;
            this.source = source;
            this.sink = sink;
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        protected Action process() throws IOException {
            ByteBuffer first = early;
            if (first != null) {
                early = null;
                return write(first);
            }
            if (saidFarewell && !ended) {
                ended = true;
                sink.shutdownOutput();
            } else if (mayLeave()) {
                saidFarewell = true;
                writing[0] = CloseFrame.goingAway(direction == Direction.UP);
                if (direction == Direction.UP) { // the stream's; what visitors get from us alone is not
                    meter.bytes(direction, writing[0].remaining());
                }
                sink.write(this, writing);
                return Action.SCHEDULED;
            }
            if (++turns > TURNS || drained) {
                return awaitReadable();
            }
            RetainableByteBuffer acquired = CopyBuffers.PROCESS.acquire(pool, CopyBuffers.LARGEST);
            buffer = acquired;
            int filled = Resets.fill(source, acquired.getByteBuffer());
            drained = filled > 0 && filled < SMALL_READ && source instanceof TunnelEndPoint;
            if (filled > 0 && !saidFarewell) {
                return write(acquired.getByteBuffer());
            }
            release();
            if (filled > 0) {
                return again();
            }
            if (filled == 0) {
                return awaitReadable();
            }
            if (!ended) {
                ended = true;
                sink.shutdownOutput();
            }
            return Action.SUCCEEDED;
        }

        /** Whether a close frame can be written now. */
        private boolean mayLeave() {
            FrameBoundary known = frames;
            return leaving && !saidFarewell && known != null && (cut || known.isBetweenFrames());
        }

        private Action again() {
            succeeded();
            return Action.SCHEDULED;
        }

        private Action write(ByteBuffer bytes) {
            meter.passing(direction, bytes);
            FrameBoundary known = frames;
            if (known != null) {
                int whole = known.follow(bytes);
                if (leaving && whole > 0 && !known.isBetweenFrames()) {
                    bytes.limit(bytes.position() + whole);
                    cut = true;
                }
            }
            writing[0] = bytes;
            sink.write(this, writing);
            return Action.SCHEDULED;
        }

        private Action awaitReadable() {
            turns = 0;
            drained = false;
            source.fillInterested(readable);
            if (leaving && !saidFarewell) {
                wake();
            }
            return Action.SCHEDULED;
        }

        /** Has the flow look around, if it waits for input. */
        private void wake() {
            if (frames != null && source instanceof AbstractEndPoint waiting) {
                waiting.getFillInterest().onFail(WAKE_UP);
            }
        }

        private void unreadable(Throwable cause) {
            if (cause == WAKE_UP) {
                succeeded();
            } else {
                failed(cause);
            }
        }

        private void release() {
            buffer = CopyBuffers.PROCESS.release(buffer);
        }

        @Override
        protected void onSuccess() {
            release();
        }

        @Override
        protected void onCompleteSuccess() {
            flowEnded();
        }

        @Override
        protected void onCompleteFailure(Throwable cause) {
            release();
            finish(cause);
        }
    }
}
