package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.jetty.internal.io.Resets;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * The relay's end of a stream to a local service, speaking HTTP/1.1. It carries one exchange at a time; between two of them it waits in
 * its tunnel's pool. Requests are written by the exchange, answers are read by the {@link AnswerPump}.
 */
final class UpstreamConnection extends AbstractConnection.NonBlocking
        implements Connection.UpgradeFrom, Connection.UpgradeTo {
    private static final Object WAITING = "waiting in the pool";
    private static final Object TAKEN = "taken, without an exchange yet";
    private static final Object CLOSED = "closed, or upgraded";

    private final ProxyContext context;
    private final @Nullable StreamPool pool;
    private final StreamMeter meter;
    private final AnswerPump answers;
    private final StreamClock clock;

    /** Whether the clock runs for the rest of an answer. */
    private volatile boolean answerDue;

    private final Callback fillable =
            Callback.from(InvocationType.NON_BLOCKING, this::onFillable, this::onFillInterestedFailed);

    /** The exchange that uses the stream, its {@link Failed} end, or one of the constants. Every change of hands is a compare-and-set. */
    private final AtomicReference<Object> owner = new AtomicReference<>(TAKEN);

    /** Why it is closed. Written before it is. */
    private volatile @Nullable Throwable cause;

    /** Whether an exchange had it before. Written by its taker. */
    private boolean reused;

    /** The stream is closed, and its last exchange has to hear why as soon as nothing of the answer is used any more. */
    private record Failed(Exchange exchange, Throwable cause) {}

    /**
     * A connection that its creator has taken.
     *
     * @param pool where it waits between requests; none for a stream that ends with its exchange
     */
    UpstreamConnection(EndPoint endPoint, StreamMeter meter, @Nullable StreamPool pool, ProxyContext context) {
        super(endPoint, context.executor());
        this.context = context;
        this.pool = pool;
        this.meter = meter;
        this.answers = new AnswerPump(this, context.buffers());
        this.clock = new StreamClock(context.scheduler(), this::timeOver);
    }

    /** Takes the EndPoint over. */
    void install() {
        EndPoint endPoint = getEndPoint();
        if (endPoint.getConnection() == null) {
            endPoint.setConnection(this);
            endPoint.onOpen();
            onOpen();
        } else {
            endPoint.upgrade(this);
        }
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0); // the clock knows what it waits for
        awaitInput();
    }

    /** Has the answers read on as soon as there is input, unless that is so already. */
    void awaitInput() {
        getEndPoint().tryFillInterested(fillable);
    }

    @Override
    public void onUpgradeTo(ByteBuffer early) {
        answers.early(early);
    }

    @Override
    public @Nullable ByteBuffer onUpgradeFrom() {
        return answers.takeUnread();
    }

    StreamMeter meter() {
        return meter;
    }

    /** Takes it out of the pool; false if it closed meanwhile. */
    boolean take() {
        reused = true;
        return owner.compareAndSet(WAITING, TAKEN);
    }

    boolean isReused() {
        return reused;
    }

    /**
     * Whether another stream may be luckier: this one ended just as it was used again (RFC 9112, section 9.3.1), or met an agent that was on
     * its way out.
     */
    boolean isWorthARetry(Throwable failure) {
        TunnelError error = StreamException.errorOf(failure);
        return !answers.hasAnswer() && (error == TunnelError.CLOSING || reused && error == TunnelError.RESET);
    }

    /** Gives it to an exchange; false if the stream ended in the meantime. */
    boolean begin(Exchange exchange) {
        clock.stop();
        answers.begin(exchange);
        if (!owner.compareAndSet(TAKEN, exchange)) {
            return false;
        }
        if (answers.isStale() && owner.compareAndSet(exchange, TAKEN)) {
            close();
            return false;
        }
        return true;
    }

    /** Why {@link #begin} returned false. */
    Throwable cause() {
        Throwable known = cause;
        return known != null ? known : new EofException("the local service ended the connection");
    }

    /** The exchange that uses it now. */
    @Nullable
    Exchange exchange() {
        return owner.get() instanceof Exchange exchange ? exchange : null;
    }

    /** The exchange that a failure is to be told to. */
    @Nullable
    Exchange failedExchange() {
        return owner.get() instanceof Failed failed ? failed.exchange() : null;
    }

    /** Sends bytes that count as the stream's. At most one write at a time. */
    void write(Callback callback, ByteBuffer... buffers) {
        long count = 0;
        for (ByteBuffer buffer : buffers) {
            count += buffer.remaining();
        }
        meter.bytes(Direction.UP, count);
        getEndPoint().write(callback, buffers);
    }

    /** It is the local service's turn: time runs until the head of its answer, or until {@link #pauseClock}. */
    void startClock() {
        answerDue = false;
        clock.start(context.timeouts().response().toMillis());
    }

    /** The answer has begun, and more of it is due. */
    void awaitAnswer() {
        answerDue = true;
        clock.start(context.timeouts().responseIdle().toMillis());
        awaitInput();
    }

    /** It is not the local service's turn. */
    void pauseClock() {
        answerDue = false;
        clock.stop();
    }

    /** The answer is complete: takes the stream from the exchange. False if it failed instead. */
    boolean leave(Exchange exchange) {
        clock.stop();
        return owner.compareAndSet(exchange, TAKEN);
    }

    /** Waits for the next exchange, or closes if that cannot be. */
    void park() {
        if (pool == null) {
            close();
            return;
        }
        awaitInput();
        clock.start(context.timeouts().reuse().toMillis());
        if (owner.compareAndSet(TAKEN, WAITING)) {
            pool.offer(this);
        }
    }

    /** Ends the exchange, if it still has the stream, with an abort of the stream; the exchange is told. */
    void fail(Exchange exchange, Throwable cause) {
        if (owner.compareAndSet(exchange, new Failed(exchange, cause))) {
            cut(cause);
        }
    }

    /** The stream is over: whoever has it is told. */
    void streamFailed(Throwable cause) {
        if (this.cause == null) {
            this.cause = cause;
        }
        Object before = owner.getAndUpdate(now ->
                now instanceof Exchange exchange ? new Failed(exchange, cause) : now instanceof Failed ? now : CLOSED);
        if (before == WAITING && pool != null) {
            pool.remove(this);
        }
        if (before != CLOSED && !(before instanceof Failed)) {
            cut(cause);
        }
    }

    private void cut(Throwable cause) {
        clock.destroy();
        Resets.abort(getEndPoint(), cause);
        answers.abort(cause);
    }

    /** Orderly between two exchanges; an exchange that is going on, as when Jetty stops, fails. */
    @Override
    public void close() {
        if (owner.get() instanceof Exchange) {
            streamFailed(new EofException("closed by this process"));
            return;
        }
        closeOrderly(owner.getAndSet(CLOSED));
        answers.close();
    }

    /** Closes it if it waits in the pool; false if an exchange is about to have it. */
    boolean closeIfWaiting() {
        boolean waited = owner.compareAndSet(WAITING, CLOSED);
        if (waited) {
            closeOrderly(WAITING);
        }
        return waited;
    }

    private void closeOrderly(Object before) {
        if (before == WAITING && pool != null) {
            pool.remove(this);
        }
        clock.destroy();
        getEndPoint().close();
    }

    /** Gives the stream to an upgraded protocol, with the bytes behind the 101. False if it failed meanwhile. */
    boolean handOver(Exchange exchange, Connection next) {
        if (!owner.compareAndSet(exchange, CLOSED)) {
            return false;
        }
        clock.destroy();
        getEndPoint().upgrade(next);
        return true;
    }

    /** The answers failed, and nothing of them is used any more. */
    void answersFailed(Throwable cause, boolean byVisitor) {
        Object before = owner.getAndSet(CLOSED);
        clock.destroy();
        Resets.abort(getEndPoint(), cause);
        if (before instanceof Exchange exchange) {
            exchange.answerFailed(cause, byVisitor);
        } else if (before instanceof Failed failed) {
            failed.exchange().answerFailed(cause, byVisitor);
        }
    }

    /** The answers ended, perhaps because they saw a failure before they were aborted for it. */
    void answersEnded() {
        if (owner.get() instanceof Failed failed && owner.compareAndSet(failed, CLOSED)) {
            failed.exchange().answerFailed(failed.cause(), false);
        }
    }

    @Override
    public void onFillable() {
        answers.iterate();
    }

    @Override
    public void onFillInterestedFailed(Throwable cause) {
        streamFailed(cause instanceof ClosedChannelException ? reasonBehind(cause) : cause);
    }

    /** Who closed an EndPoint before it was used said why; the EndPoint repeats it to readers only. */
    private Throwable reasonBehind(Throwable closed) {
        try {
            Resets.fill(getEndPoint(), BufferUtil.allocate(0));
            return closed;
        } catch (IOException reason) {
            return reason;
        }
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        Object now = owner.get();
        if (now != CLOSED && !(now instanceof Failed)) {
            streamFailed(cause != null ? cause : new EofException("closed by this process"));
        }
    }

    private void timeOver() {
        Object now = owner.get();
        if (now == WAITING) {
            closeIfWaiting();
        } else if (now instanceof Exchange exchange) {
            boolean begun = answers.hasHead();
            if (begun && !answerDue) {
                return; // the head came just in time
            }
            context.reached().accept(begun ? Limit.RESPONSE_IDLE_TIME : Limit.RESPONSE_TIME);
            String problem = begun
                    ? "the local service paused within its answer for more than "
                            + context.timeouts().responseIdle().toMillis() + " ms"
                    : "the local service did not answer within "
                            + context.timeouts().response().toMillis() + " ms";
            fail(exchange, new StreamException(TunnelError.LOCAL_TIMEOUT, problem));
        }
    }
}
