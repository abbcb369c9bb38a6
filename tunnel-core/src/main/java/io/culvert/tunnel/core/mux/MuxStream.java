package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.stream.Callbacks;
import io.culvert.tunnel.core.internal.stream.CloseNotice;
import io.culvert.tunnel.core.internal.stream.CreditWait;
import io.culvert.tunnel.core.internal.stream.ReadCallback;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Credit;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream on the control channel. Every method changes the state under the lock and then calls {@link #settle}, which finds
 * out what is due and does it without the lock.
 */
final class MuxStream implements DataStream, ControlChannel.Turn, CreditWait {
    /** How long a closed stream waits for the peer's end before it resets the stream. */
    static final Duration LINGER = Duration.ofSeconds(30);

    private final StreamMultiplexer owner;
    private final Framing framing;
    private final Object lock = new Object();

    private final Inbound in; // guarded by lock
    private final Outbound out; // guarded by lock

    /** Whether the answer to an opening is known; guarded by lock. */
    private boolean ready;

    /** Why the stream was reset, by either side; guarded by lock. */
    private @Nullable StreamException failure;

    /** Whether {@link #close} was called; guarded by lock. */
    private boolean closed;

    /** Whether the owner forgot the stream; guarded by lock. */
    private boolean removed;

    private final ReadCallback reader = new ReadCallback(); // guarded by lock
    private final CloseNotice notice = new CloseNotice(); // guarded by lock

    /** The open time-out, then the linger time; guarded by lock. */
    private @Nullable ScheduledFuture<?> timer;

    /**
     * @param opened whether the peer knows the stream
     */
    MuxStream(StreamMultiplexer owner, Framing framing, boolean opened, int receiveCredit, int sendCredit) {
        this.owner = owner;
        this.framing = framing;
        this.in = new Inbound(receiveCredit, owner::extendCredit);
        this.out = new Outbound(framing, opened, sendCredit, System::nanoTime);
        this.ready = opened || framing.kind() == StreamKind.HTTP;
    }

    @Override
    public String id() {
        return framing.id();
    }

    /** What is set aside for bytes that the peer may send. */
    int reservedCredit() {
        synchronized (lock) {
            return in.window();
        }
    }

    StreamKind kind() {
        return framing.kind();
    }

    @Override
    public long nanos() {
        synchronized (lock) {
            return out.creditWait();
        }
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return type == CreditWait.class ? Optional.of(type.cast(this)) : Optional.empty();
    }

    @Override
    public int read(ByteBuffer target) throws StreamException {
        int count;
        synchronized (lock) {
            if (failure != null) {
                throw new StreamException(failure.error(), failure.getMessage(), failure);
            }
            if (closed) {
                throw closedHere();
            }
            count = in.read(target);
            if (count == 0 && in.ended() && in.empty()) {
                return -1;
            }
        }
        settle();
        return count;
    }

    @Override
    public void onReadable(Runnable callback) {
        synchronized (lock) {
            reader.register(callback);
        }
        settle();
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        Exception refused = null;
        synchronized (lock) {
            if (failure != null) {
                refused = failure;
            } else if (closed || out.endWanted()) {
                refused = closedHere();
            } else if (out.writing()) {
                refused = new IllegalStateException("Stream " + id() + " has a write outstanding.");
            } else {
                out.write(source, completion);
            }
        }
        if (refused != null) {
            completion.failed(refused);
        } else {
            settle();
        }
    }

    @Override
    public void end() {
        synchronized (lock) {
            if (closed || failure != null) {
                return;
            }
            out.end();
        }
        settle();
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closed || failure != null || removed) {
                return;
            }
            closed = true;
            in.discard();
            if (out.opened() || out.writing() || out.endWanted()) {
                out.end();
                startTimer(LINGER, TunnelError.RESET, "was closed, but the peer did not end its side");
            }
        }
        settle();
    }

    @Override
    public void reset(Throwable cause) {
        TunnelError error = StreamException.errorOf(cause);
        String words = cause instanceof StreamException ? cause.getMessage() : error.advice();
        fail(problem(error, "was reset on this side: " + cause.getMessage(), cause), words);
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> callback) {
        synchronized (lock) {
            notice.listen(callback);
        }
        settle();
    }

    @Override
    public @Nullable TunnelMessage next() {
        synchronized (lock) {
            if (failure != null) {
                out.skipTurn();
                return null;
            }
            return out.next();
        }
    }

    @Override
    public void sent(@Nullable Throwable lost) {
        synchronized (lock) {
            out.sent();
            if (!ready && timer == null && lost == null && failure == null) {
                startTimer(owner.openTimeout(), TunnelError.OPEN_TIMEOUT, "was not connected by the agent in time");
            }
        }
        if (lost != null) {
            fail(problem(StreamException.errorOf(lost), "could not send", lost));
        }
        settle();
    }

    /** Bytes came in; the buffer is the stream's from now on. */
    void received(ByteBuffer chunk) {
        StreamException problem = null;
        boolean exceeded = false;
        synchronized (lock) {
            if (failure != null) {
                return;
            }
            if (!ready || in.ended()) {
                problem = problem(TunnelError.PROTOCOL, "got bytes outside its life", null);
            } else if (closed) {
                problem = problem(TunnelError.RESET, "is closed here and takes no more bytes", null);
            } else if (!in.add(chunk)) {
                exceeded = true;
                problem = problem(TunnelError.PROTOCOL, "got more bytes than it gave credit for", null);
            }
        }
        if (exceeded) {
            owner.creditExceeded(this);
        }
        after(problem);
    }

    /** The peer's half-close. */
    void peerEnded() {
        StreamException problem = null;
        synchronized (lock) {
            if (!ready || in.ended()) {
                problem = problem(TunnelError.PROTOCOL, "got an end outside its life", null);
            } else {
                in.end();
            }
        }
        after(problem);
    }

    /** The peer's credit. */
    void credited(long bytes) {
        StreamException problem = null;
        synchronized (lock) {
            if (!out.addCredit(bytes)) {
                problem = problem(TunnelError.PROTOCOL, "got credit that is out of range", null);
            }
        }
        after(problem);
    }

    /** The agent is connected. */
    void peerReady() {
        StreamException problem = null;
        synchronized (lock) {
            if (ready) {
                problem = problem(TunnelError.PROTOCOL, "was reported connected twice, or is for plain HTTP", null);
            } else {
                ready = true;
                if (!closed) {
                    stopTimer();
                }
            }
        }
        after(problem);
    }

    /** The peer's reset. */
    void peerReset(String code, String reason) {
        TunnelError error = TunnelError.ofCode(code);
        fail(problem(error, "was reset by the peer: " + Words.bounded(reason), null), null);
    }

    /** Why the stream was reset, if it was. */
    @Nullable
    StreamException failure() {
        synchronized (lock) {
            return failure;
        }
    }

    /** A message came that does not belong on a stream of this kind. */
    void misused() {
        fail(problem(TunnelError.PROTOCOL, "got a message for another kind of stream", null));
    }

    private void after(@Nullable StreamException problem) {
        if (problem != null) {
            fail(problem);
        } else {
            settle();
        }
    }

    private void fail(StreamException cause) {
        fail(cause, cause.getMessage());
    }

    /**
     * Resets the stream, unless it is over for both sides.
     *
     * @param words what the peer is told, or {@code null} to tell it nothing
     */
    void fail(StreamException cause, @Nullable String words) {
        boolean tell;
        synchronized (lock) {
            if (failure != null || removed) {
                return;
            }
            failure = cause;
            in.discard();
            tell = words != null && out.opened();
        }
        if (tell) {
            owner.send(framing.reset(cause.error().code(), words));
        }
        settle();
    }

    /** Does what the state calls for: on any thread, never with the lock. */
    private void settle() {
        Runnable callback;
        do {
            StreamException failed;
            Completion writer;
            boolean remove;
            boolean ask;
            int grant;
            Consumer<@Nullable Throwable> told;
            synchronized (lock) {
                failed = failure;
                writer = out.takeWriter(failed != null);
                remove = !removed && (failed != null || ended());
                ask = failed == null && !neverOpened() && out.wantsTurn();
                grant = failed == null ? in.takeGrant() : 0;
                if (remove) {
                    removed = true;
                    stopTimer();
                }
                if (removed || closed && out.finished()) {
                    notice.over(failed);
                }
                told = notice.take();
                callback = reader.take(failed != null || closed || in.ended() || !in.empty());
            }
            if (remove) {
                owner.remove(this);
            }
            if (grant > 0) {
                owner.send(new Credit(id(), grant));
            }
            if (ask) {
                owner.requestTurn(this);
            }
            if (writer != null) {
                Callbacks.complete(writer, failed);
            }
            if (callback != null) {
                Callbacks.run(callback, this);
                synchronized (lock) {
                    reader.returned();
                }
            }
            if (told != null) {
                Callbacks.tell(told, notice.outcome());
            }
        } while (callback != null);
    }

    /** Whether both directions came to their end. Call with the lock. */
    private boolean ended() {
        return neverOpened() || (out.finished() && in.ended() && in.empty());
    }

    /** Whether the stream was closed before anything was sent: then the peer never hears of it. Call with the lock. */
    private boolean neverOpened() {
        return closed && !out.opened() && !out.endWanted();
    }

    /** Call with the lock. */
    private void startTimer(Duration after, TunnelError error, String what) {
        stopTimer();
        timer = owner.schedule(() -> fail(problem(error, what, null)), after);
    }

    /** Call with the lock. */
    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private StreamException problem(TunnelError error, String what, @Nullable Throwable cause) {
        return new StreamException(error, "Stream " + id() + " " + what + ".", cause);
    }

    private StreamException closedHere() {
        return problem(TunnelError.CLOSED, "was closed or ended on this side", null);
    }
}
