package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import io.culvert.tunnel.core.internal.Awaiting;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.StrayGuard;
import io.culvert.tunnel.core.internal.Tally;
import io.culvert.tunnel.core.memory.MemoryStream;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tunnel at the agent: the application's handle, and the streams that go through it. */
final class AgentTunnel implements Tunnel {
    /** How many streams one tunnel may have open. The relay's own limit is far below. */
    static final int MAX_STREAMS = 1 << 16;

    /** Stands for a transport where there is none between. */
    private static final String DIRECT = "direct";

    private static final Logger LOG = LoggerFactory.getLogger(AgentTunnel.class);

    private final String ref;
    private final TunnelSpec spec;
    private final AgentParts parts;
    private final Link link;
    private final StateNews news;
    private final Tally tally = new Tally();
    private final CompletableFuture<Void> firstAnswer = new CompletableFuture<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private final Object lock = new Object();
    private TunnelState state = TunnelState.CONNECTING; // guarded by lock
    private @Nullable String name; // guarded by lock; once set it stays
    private @Nullable URI url; // guarded by lock; once set it stays
    private @Nullable TunnelException endReason; // guarded by lock; why it drains
    private boolean last; // whether no opening can be on its way any more; guarded by lock
    private int admitted; // streams open or opening; guarded by lock
    private final Set<DataStream> streams = new HashSet<>(); // the open ones; guarded by lock

    AgentTunnel(String ref, TunnelSpec spec, AgentParts parts, Link link) {
        this.ref = ref;
        this.spec = spec;
        this.parts = parts;
        this.link = link;
        this.news =
                new StateNews(this, parts.options().listeners(), parts.network().executor());
    }

    String ref() {
        return ref;
    }

    TunnelSpec spec() {
        return spec;
    }

    Tally tally() {
        return tally;
    }

    /** Completes when the relay answered for the first time; fails with the reason if there will be no tunnel. */
    CompletableFuture<Void> firstAnswer() {
        return firstAnswer;
    }

    /** Completes when the last stream is over and the tunnel closed, before listeners are told. */
    CompletableFuture<Void> over() {
        return over;
    }

    /** Whether the relay ever granted it. */
    boolean wasGranted() {
        synchronized (lock) {
            return url != null;
        }
    }

    /** What to ask the relay for: at first what the application wants, later what was granted. */
    Wish wish() {
        synchronized (lock) {
            Integer port =
                    spec.publicPort().isPresent() ? (Integer) spec.publicPort().getAsInt() : null;
            if (name == null || url == null) {
                return new Wish(
                        ref,
                        spec.name().orElse(null),
                        spec.host().orElse(null),
                        port,
                        spec.hostHeader().orElse(null),
                        ProtectionWish.of(spec.protection()));
            }
            String host = url.getHost();
            boolean byHost = host.equals(spec.host().orElse(null)) || host.startsWith(name + ".");
            return new Wish(
                    ref,
                    name,
                    spec.host().orElse(null),
                    byHost ? port : (Integer) url.getPort(),
                    spec.hostHeader().orElse(null),
                    ProtectionWish.of(spec.protection()));
        }
    }

    @Override
    public URI publicUrl() {
        synchronized (lock) {
            if (url == null) {
                throw new IllegalStateException("The tunnel to " + spec + " is not registered.");
            }
            return url;
        }
    }

    @Override
    public String name() {
        synchronized (lock) {
            return name != null ? name : spec.name().orElse("");
        }
    }

    @Override
    public String transport() {
        return link.transportName();
    }

    @Override
    public TunnelState state() {
        synchronized (lock) {
            return state;
        }
    }

    @Override
    public TunnelStats stats() {
        return tally.snapshot();
    }

    @Override
    public Optional<Duration> roundTrip() {
        return link.roundTrip();
    }

    @Override
    public CompletionStage<DataStream> connect() {
        StreamRequest request = new StreamRequest(Ids.id(), StreamKind.HTTP, name());
        MemoryStream.Pair pair = MemoryStream.pair(request.id());
        StrayGuard strays = new StrayGuard(parts.timing().nanoTime());
        return new LocalAcceptor(parts, DIRECT, tunnel -> this, strays)
                .accept(request)
                .thenApply(connection -> {
                    connection.join(pair.agentEnd());
                    return pair.relayEnd();
                });
    }

    @Override
    public CompletionStage<Void> closed() {
        return news.closed();
    }

    /**
     * The relay granted the tunnel.
     *
     * @return whether it stands; if not, the grant must be given back
     */
    boolean granted(String grantedName, URI grantedUrl) {
        boolean first;
        boolean same;
        synchronized (lock) {
            if (state == TunnelState.DRAINING || state == TunnelState.CLOSED) {
                return false;
            }
            first = url == null;
            same = first || grantedUrl.equals(url) && grantedName.equals(name);
            if (same) {
                name = grantedName;
                url = grantedUrl;
                changeTo(TunnelState.OPEN, null);
            }
        }
        if (!same) {
            fail(new TunnelException(
                    TunnelError.NAME_TAKEN,
                    "After a reconnect the relay has another address for tunnel " + name() + ": " + grantedUrl
                            + " instead of " + publicUrl() + ". Expose it again."));
            return false;
        }
        if (first) {
            LOG.info("Tunnel {} to {} exposed at {}", grantedName, spec, grantedUrl);
            parts.metrics().tunnels(Role.AGENT, 1);
        }
        news.tell();
        firstAnswer.complete(null);
        return true;
    }

    /** The control channel is lost. */
    void lost(TunnelException cause) {
        synchronized (lock) {
            if (state == TunnelState.OPEN) {
                changeTo(TunnelState.CONNECTING, cause);
            }
        }
        news.tell();
    }

    /** Counts a stream in that is about to open; {@link #left} must follow. */
    void admit() throws StreamException {
        synchronized (lock) {
            if (state == TunnelState.DRAINING && last || state == TunnelState.CLOSED) {
                throw new StreamException(TunnelError.CLOSING, "Tunnel " + name + " is closing.");
            }
            if (admitted >= MAX_STREAMS) {
                throw new StreamException(TunnelError.OVERLOADED, "Tunnel " + name + " has too many streams.");
            }
            admitted++;
        }
    }

    /** An admitted stream opened. Returns false if the tunnel closed in the meantime. */
    boolean opened(DataStream stream) {
        synchronized (lock) {
            return state != TunnelState.CLOSED && streams.add(stream);
        }
    }

    /** An admitted stream is over, or did not open. */
    void left(@Nullable DataStream stream) {
        synchronized (lock) {
            admitted--;
            streams.remove(stream);
        }
        finishIfIdle();
    }

    private void finishIfIdle() {
        boolean idle;
        synchronized (lock) {
            idle = admitted == 0 && last && state == TunnelState.DRAINING;
        }
        if (idle) {
            finish(null);
        }
    }

    /** No opening is on its way any more: a tunnel that drains waits for those that it has only. */
    void noMoreOpenings() {
        synchronized (lock) {
            last = true;
        }
        finishIfIdle();
    }

    /**
     * Closes once {@linkplain #noMoreOpenings() no more streams} can come and those that did are over, or the time is. Only the first call
     * counts.
     */
    void drain(Duration atMost, @Nullable TunnelException reason) {
        synchronized (lock) {
            if (state == TunnelState.DRAINING || state == TunnelState.CLOSED) {
                return;
            }
            endReason = reason;
            changeTo(TunnelState.DRAINING, reason);
        }
        news.tell();
        if (atMost.isZero()) {
            finish(null);
        } else {
            ScheduledFuture<?> limit = parts.timing()
                    .after(atMost, () -> parts.network().executor().execute(() -> finish(null)));
            over.whenComplete((closed, failure) -> limit.cancel(false)); // else it would keep the tunnel for that long
        }
    }

    /** The tunnel is over now, as the relay refused it or the link ended. */
    void fail(TunnelException reason) {
        finish(reason);
    }

    private void finish(@Nullable TunnelException failure) {
        List<DataStream> cut;
        boolean stood;
        TunnelException reason;
        synchronized (lock) {
            if (state == TunnelState.CLOSED) {
                return;
            }
            if (endReason == null) {
                endReason = failure;
            }
            reason = endReason;
            changeTo(TunnelState.CLOSED, reason);
            cut = List.copyOf(streams);
            stood = url != null;
        }
        if (stood) {
            parts.metrics().tunnels(Role.AGENT, -1);
            LOG.info("Tunnel {} closed{}", name(), reason == null ? "" : ": " + reason.getMessage());
        }
        StreamException why = new StreamException(TunnelError.CLOSING, "Tunnel " + name() + " was closed.");
        cut.forEach(stream -> stream.reset(why));
        firstAnswer.completeExceptionally(reason != null ? reason : new TunnelException(TunnelError.CLOSED));
        over.complete(null);
        news.tell();
    }

    @Override
    public void close() {
        drain(parts.options().drainTimeout(), null);
        noMoreOpenings(); // the relay is not asked: what it sends from now on is refused
        link.withdraw(this);
        Awaiting.done(over);
        news.flush();
    }

    /** Waits until listeners know what happened so far, for a time. */
    void flushListeners() {
        news.flush();
    }

    /** Call with the lock; then, without it, {@link StateNews#tell}. */
    private void changeTo(TunnelState next, @Nullable TunnelException cause) {
        if (state != next) {
            state = next;
            news.add(next, cause, url != null);
        }
    }
}
