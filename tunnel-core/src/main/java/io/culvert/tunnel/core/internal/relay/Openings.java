package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.Tally;
import io.culvert.tunnel.core.internal.TrackedStream;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tunnel's wishes for streams: asks the session for each, keeps them waiting while it cannot be reached, and counts what is open.
 * Once another tunnel object took the name over, what waits and what comes goes there. Thread-safe.
 */
final class Openings {
    private static final Logger LOG = LoggerFactory.getLogger(Openings.class);

    private final String tunnel;
    private final Session session;
    private final TunnelNotices notices;
    private final RelayParts parts;
    private final StreamBooks books;
    private final Tally tally = new Tally();

    private final Object lock = new Object();
    private Reach reach = Reach.AWAY; // guarded by lock
    private int streams; // open, opening and waiting; guarded by lock
    private final Set<Opening> waiting = new LinkedHashSet<>(); // guarded by lock
    private final List<Future<?>> needStreams = new ArrayList<>(); // what to cancel without any; guarded by lock
    private @Nullable Openings successor; // once ENDED, if another agent took over; guarded by lock

    /** Of the tunnel of that name. */
    Openings(String tunnel, Session session, TunnelNotices notices, RelayParts parts) {
        this.tunnel = tunnel;
        this.session = session;
        this.notices = notices;
        this.parts = parts;
        this.books = parts.books();
    }

    /** Implements {@link io.culvert.tunnel.core.net.PublicTunnel#open}. */
    CompletableFuture<OpenStream> open(StreamKind kind) {
        Opening opening = new Opening(kind, books.now());
        TunnelError refusal = null;
        Limit reached = null;
        Openings next;
        boolean now = false;
        synchronized (lock) {
            next = successor;
            if (next != null) {
                refusal = null;
            } else if (reach == Reach.ENDED) {
                refusal = TunnelError.UNKNOWN_TUNNEL;
            } else if (reach == Reach.CLOSING) {
                refusal = TunnelError.CLOSING;
            } else {
                now = isReachable();
                reached = reached(now);
                if (reached != null) {
                    refusal = TunnelError.OVERLOADED;
                } else {
                    streams++;
                    if (now) {
                        session.streams().begun();
                    } else {
                        waiting.add(opening);
                    }
                }
            }
        }
        if (next != null) {
            return next.open(kind);
        }
        if (reached != null) {
            parts.metrics().limitReached(reached);
        }
        if (refusal != null) {
            refuse(opening, refusal);
        } else if (now) {
            launch(opening);
        }
        opening.result.whenComplete((stream, failure) -> {
            if (opening.result.isCancelled()) {
                giveUp(opening);
            }
        });
        return opening.result;
    }

    /** The session came to be reachable, or not. */
    void reach(Reach now) {
        List<Opening> moved = List.of();
        synchronized (lock) {
            if (reach == Reach.ENDED) {
                return;
            }
            reach = now;
            if (now != Reach.AWAY) {
                moved = List.copyOf(waiting);
                waiting.clear();
                if (now == Reach.CLOSING) {
                    streams -= moved.size();
                } else {
                    moved.forEach(opening -> session.streams().begun());
                }
            }
        }
        if (now == Reach.CLOSING) {
            notices.ended();
        } else {
            notices.goesOn();
        }
        for (Opening opening : moved) {
            if (now == Reach.CLOSING) {
                refuse(opening, TunnelError.CLOSING);
            } else {
                launch(opening);
            }
        }
    }

    /** The tunnel is gone. */
    void end(TunnelError forWaiting) {
        terminate(null).forEach(opening -> refuse(opening, forWaiting));
    }

    /** Another agent took the name over: what waits goes there. */
    void endFor(Openings next) {
        terminate(next).forEach(opening -> move(opening, next));
    }

    private void move(Opening opening, Openings next) {
        CompletableFuture<OpenStream> there = next.open(opening.kind);
        opening.result.whenComplete((stream, failure) -> there.cancel(false));
        there.whenComplete((stream, failure) -> {
            if (failure != null) {
                opening.result.completeExceptionally(failure);
            } else if (!opening.result.complete(stream)) {
                stream.stream().reset(gaveUp());
            }
        });
    }

    /** Returns what waited. */
    private List<Opening> terminate(@Nullable Openings next) {
        List<Opening> waited;
        synchronized (lock) {
            if (reach == Reach.ENDED) {
                return List.of();
            }
            reach = Reach.ENDED;
            successor = next;
            waited = List.copyOf(waiting);
            streams -= waited.size();
            waiting.clear();
        }
        notices.ended();
        return waited;
    }

    /** Whether the session can bring a stream now. Call with the lock. */
    private boolean isReachable() {
        return reach == Reach.OPEN && session.connected();
    }

    /** Call with the lock. */
    private boolean hasRoomToWait() {
        return waiting.size() < parts.options().limits().waitingPerTunnel();
    }

    /** What stands in the way of one more stream. Call with the lock. */
    private @Nullable Limit reached(boolean now) {
        if (streams >= parts.options().limits().streamsPerTunnel()) {
            return Limit.STREAMS_PER_TUNNEL;
        }
        return !now && !hasRoomToWait() ? Limit.WAITING_PER_TUNNEL : null;
    }

    /** Asks the session for a stream, which counts as the session's already. */
    private void launch(Opening opening) {
        CompletableFuture<DataStream> wish;
        try {
            wish = session.transport().open(opening.kind, tunnel);
        } catch (RuntimeException x) {
            LOG.error("Transport {} failed to open a stream", session.transportName(), x);
            wish = CompletableFuture.failedFuture(x);
        }
        wish.whenComplete((stream, failure) -> {
            if (failure == null) {
                arrived(opening, stream);
            } else {
                failed(opening, failure);
            }
        });
    }

    private void arrived(Opening opening, DataStream stream) {
        StreamBooks.Entry entry = books.opened(stream.id(), info(opening.kind), tally, opening.since);
        TrackedStream tracked = new TrackedStream(stream, cause -> {
            entry.closed(stream, cause);
            release();
            session.streams().over();
        });
        if (!opening.result.complete(new OpenStream(tracked, entry))) {
            tracked.reset(gaveUp());
        }
    }

    /** The control channel may have broken before the wish was sent: then, once, the wish waits with the others, or goes to the successor. */
    private void failed(Opening opening, Throwable failure) {
        session.streams().over();
        TunnelError error = StreamException.errorOf(failure);
        if (error == TunnelError.LINK_LOST && !opening.again && !opening.result.isDone()) {
            opening.again = true;
            boolean now;
            Openings next;
            synchronized (lock) {
                next = successor;
                now = isReachable();
                if (now) {
                    session.streams().begun();
                } else if ((reach == Reach.OPEN || reach == Reach.AWAY) && hasRoomToWait()) {
                    waiting.add(opening);
                    return;
                }
            }
            if (now) {
                launch(opening);
                return;
            }
            if (next != null) {
                release();
                move(opening, next);
                return;
            }
        }
        release();
        books.failed(info(opening.kind), tally, error);
        opening.result.completeExceptionally(
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
    }

    private void refuse(Opening opening, TunnelError error) {
        books.failed(info(opening.kind), tally, error);
        opening.result.completeExceptionally(new StreamException(error, "Tunnel " + tunnel + ": " + error.advice()));
    }

    private StreamException gaveUp() {
        return new StreamException(TunnelError.CANCELLED, "The visitor to " + tunnel + " gave up.");
    }

    private void giveUp(Opening opening) {
        synchronized (lock) {
            if (!waiting.remove(opening)) {
                return;
            }
            streams--;
        }
        books.failed(info(opening.kind), tally, TunnelError.CANCELLED);
    }

    /** Cancels what is to happen to streams as soon as there are none, at once if there are none. It would keep the tunnel for nothing. */
    void cancelWithoutStreams(Future<?> later) {
        synchronized (lock) {
            if (streams > 0) {
                needStreams.add(later);
                return;
            }
        }
        later.cancel(false);
    }

    private void release() {
        List<Future<?>> needless = List.of();
        synchronized (lock) {
            streams--;
            if (streams == 0 && !needStreams.isEmpty()) {
                needless = List.copyOf(needStreams);
                needStreams.clear();
            }
        }
        needless.forEach(later -> later.cancel(false));
    }

    private StreamInfo info(StreamKind kind) {
        return new StreamInfo(Role.RELAY, tunnel, session.transportName(), kind);
    }
}
