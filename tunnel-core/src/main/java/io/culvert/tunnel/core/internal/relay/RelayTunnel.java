package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.Tally;
import io.culvert.tunnel.core.internal.TrackedStream;
import io.culvert.tunnel.core.internal.guard.TunnelGuard;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.VisitorRequest;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tunnel at the relay: brings visitors' streams to the session that has it. When another agent takes its name over, another object takes
 * its place: so the edge lets go of the streams that it keeps alive, and those in use finish where they are.
 */
final class RelayTunnel implements PublicTunnel {
    private static final Logger LOG = LoggerFactory.getLogger(RelayTunnel.class);

    private final String name;
    private final @Nullable String host;
    private final @Nullable String hostHeader;
    private final int ownPort;
    private final URI url;
    private final String owner;
    private final Session session;
    private final StreamBooks books;
    private final RelayParts parts;
    private final Tally tally = new Tally();

    private volatile TunnelGuard guard;

    private final Object lock = new Object();
    private Reach reach = Reach.AWAY; // guarded by lock
    private int streams; // open, opening and waiting; guarded by lock
    private @Nullable RelayTunnel successor; // once ENDED, if another agent took over; guarded by lock
    private final Set<Opening> waiting = new LinkedHashSet<>(); // guarded by lock
    private final List<Runnable> listeners = new ArrayList<>(); // guarded by lock
    private final Set<Runnable> leaving = new HashSet<>(); // who is told to say farewell; guarded by lock
    private boolean farewell; // guarded by lock

    RelayTunnel(
            String name,
            @Nullable String host,
            @Nullable String hostHeader,
            int ownPort,
            URI url,
            Session session,
            TunnelGuard guard,
            RelayParts parts) {
        this.name = name;
        this.host = host;
        this.hostHeader = hostHeader;
        this.ownPort = ownPort;
        this.url = url;
        this.owner = session.owner();
        this.session = session;
        this.guard = guard;
        this.parts = parts;
        this.books = parts.books();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String transport() {
        return session.transportName();
    }

    @Override
    public Optional<String> hostHeader() {
        return Optional.ofNullable(hostHeader);
    }

    /** The host of its own, if it has one. */
    @Nullable
    String host() {
        return host;
    }

    /** The port of its own, or 0. */
    int ownPort() {
        return ownPort;
    }

    URI url() {
        return url;
    }

    String owner() {
        return owner;
    }

    Session session() {
        return session;
    }

    TunnelGuard guard() {
        return guard;
    }

    /** The agent is back with another protection. */
    void guard(TunnelGuard next) {
        guard = next;
    }

    @Override
    public Admission admit(VisitorRequest request) {
        return guard.admit(request);
    }

    @Override
    public CompletableFuture<OpenStream> open(StreamKind kind) {
        Opening opening = new Opening(kind, books.now());
        TunnelError refusal = null;
        Limit reached = null;
        RelayTunnel next;
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

    @Override
    public void onEnded(Runnable callback) {
        synchronized (lock) {
            if (reach != Reach.ENDED && reach != Reach.CLOSING) {
                listeners.add(callback);
                return;
            }
        }
        tell(callback);
    }

    @Override
    public Runnable onFarewell(Runnable callback) {
        synchronized (lock) {
            if (!farewell) {
                leaving.add(callback);
                return () -> forget(callback);
            }
        }
        tell(callback);
        return () -> {};
    }

    private void forget(Runnable callback) {
        synchronized (lock) {
            leaving.remove(callback);
        }
    }

    /** The time of the open connections is up. */
    void farewell() {
        List<Runnable> told;
        synchronized (lock) {
            farewell = true;
            told = List.copyOf(leaving);
            leaving.clear();
        }
        told.forEach(this::tell);
    }

    /** The session came to be reachable, or not. */
    void reach(Reach now) {
        List<Opening> moved = List.of();
        List<Runnable> told = List.of();
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
                    told = List.copyOf(listeners);
                    listeners.clear();
                } else {
                    moved.forEach(opening -> session.streams().begun());
                }
            }
        }
        told.forEach(this::tell);
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
    void endFor(RelayTunnel next) {
        terminate(next).forEach(opening -> move(opening, next));
    }

    private void move(Opening opening, RelayTunnel next) {
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
    private List<Opening> terminate(@Nullable RelayTunnel next) {
        List<Opening> waited;
        List<Runnable> told;
        synchronized (lock) {
            if (reach == Reach.ENDED) {
                return List.of();
            }
            reach = Reach.ENDED;
            successor = next;
            waited = List.copyOf(waiting);
            streams -= waited.size();
            waiting.clear();
            told = List.copyOf(listeners);
            listeners.clear();
        }
        told.forEach(this::tell);
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
            wish = session.transport().open(opening.kind, name);
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
            RelayTunnel next;
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
        opening.result.completeExceptionally(new StreamException(error, "Tunnel " + name + ": " + error.advice()));
    }

    private StreamException gaveUp() {
        return new StreamException(TunnelError.CANCELLED, "The visitor to " + name + " gave up.");
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

    private void release() {
        synchronized (lock) {
            streams--;
        }
    }

    private StreamInfo info(StreamKind kind) {
        return new StreamInfo(Role.RELAY, name, session.transportName(), kind);
    }

    private void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException x) {
            LOG.error("A listener to tunnel {} failed", name, x);
        }
    }
}
