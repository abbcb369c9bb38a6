package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.Limit;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.util.NanoTime;

/**
 * What a connection that came in is at, and until when that may take. Nobody rings: the connector looks at all clocks now and then, so that a
 * request costs two assignments. Thread-safe; each phase is entered by the thread that has the connection.
 */
public final class VisitorClock {
    private static final long NEVER = 0;

    /**
     * How long the phases may take that are limited as a whole.
     *
     * @param reached told when a phase took too long
     */
    public record Times(Duration tlsHandshake, Duration head, Consumer<Limit> reached) {
        /** How often to look, in milliseconds: the shorter the times, the more often. */
        long lookMillis() {
            long shortest = Math.min(tlsHandshake.toMillis(), head.toMillis());
            return Math.max(20, Math.min(1_000, shortest / 4));
        }
    }

    private enum Phase {
        /** TLS does not stand yet. */
        TLS_HANDSHAKE,
        /** A request's head is due, or came in part. */
        HEAD,
        /** A request is answered; its own time-outs hold. */
        EXCHANGE,
        /** The next request may come. */
        IDLE,
        /** The connection is no visitor's between requests, and may be silent. */
        UPGRADED
    }

    private final Times times;
    private final AtomicLong deadline = new AtomicLong();
    private volatile Phase phase;

    /** The connection has just been accepted. */
    VisitorClock(Times times, boolean tls) {
        this.times = times;
        this.phase = tls ? Phase.TLS_HANDSHAKE : Phase.HEAD;
        start(tls ? times.tlsHandshake() : times.head());
    }

    private void start(Duration time) {
        long at = NanoTime.now() + time.toNanos();
        deadline.set(at == NEVER ? 1 : at);
    }

    /** TLS stands. */
    public void secured() {
        if (phase == Phase.TLS_HANDSHAKE) {
            phase = Phase.HEAD;
            start(times.head());
        }
    }

    /** A request's head is complete. */
    public void requested() {
        phase = Phase.EXCHANGE;
        deadline.set(NEVER);
    }

    /** The request is answered. */
    public void answered() {
        phase = Phase.IDLE;
    }

    /** From now on the connection speaks another protocol. */
    public void upgraded() {
        phase = Phase.UPGRADED;
    }

    /** Bytes came in: between requests, those are the head of the next. */
    void received() {
        if (phase == Phase.IDLE) {
            phase = Phase.HEAD;
            start(times.head());
        }
    }

    /** What the connection is used for, as long as it speaks HTTP. */
    HttpUse use() {
        return switch (phase) {
            case TLS_HANDSHAKE, HEAD -> HttpUse.NO_REQUEST_YET;
            case IDLE -> HttpUse.BETWEEN_REQUESTS;
            case EXCHANGE, UPGRADED -> HttpUse.IN_USE;
        };
    }

    /** Whether a phase took too long, which is counted; true once. */
    boolean isOver() {
        long at = deadline.get();
        if (at == NEVER || NanoTime.now() - at < 0) {
            return false;
        }
        boolean tls = phase == Phase.TLS_HANDSHAKE;
        if (!deadline.compareAndSet(at, NEVER)) {
            return false; // just in time
        }
        times.reached().accept(tls ? Limit.TLS_HANDSHAKE_TIME : Limit.REQUEST_HEAD_TIME);
        return true;
    }

    /** Nothing came or went for the time that the connection allows now. */
    void silent() {
        switch (phase) {
            case TLS_HANDSHAKE -> times.reached().accept(Limit.TLS_HANDSHAKE_TIME);
            case HEAD -> times.reached().accept(Limit.REQUEST_HEAD_TIME);
            case IDLE -> times.reached().accept(Limit.IDLE_TIME);
            default -> {
                // what is going on counts itself
            }
        }
    }
}
