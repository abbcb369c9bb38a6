package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.internal.Awaiting;
import io.culvert.tunnel.core.internal.SafeMetrics;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.AgentNetwork;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent from its first expose to its close. Threads and sockets come with the first expose. */
public final class AgentLife {
    /** How long {@link #close()} waits for a step that depends on no peer. */
    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(AgentLife.class);

    private final AgentOptions options;
    private final AgentConfig config;
    private final TransportCatalog catalog;
    private final Supplier<AgentNetwork> networks;
    private final Supplier<Timing> timings;
    private final Random random;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private final Object lock = new Object();
    private @Nullable CompletableFuture<Running> running; // guarded by lock
    private boolean closing; // guarded by lock

    private record Running(AgentParts parts, Link link) {}

    /**
     * An agent that did nothing yet.
     *
     * @throws TunnelException if a wanted transport is not there
     */
    public AgentLife(
            AgentOptions options,
            AgentConfig config,
            Supplier<AgentNetwork> networks,
            Supplier<Timing> timings,
            Random random) {
        this.options = options;
        this.config = config;
        this.catalog = TransportCatalog.load(options.transports(), options.providers());
        this.networks = networks;
        this.timings = timings;
        this.random = random;
    }

    /** Implements {@link io.culvert.tunnel.TunnelAgent#expose(TunnelSpec)}. */
    public Tunnel expose(TunnelSpec spec) {
        Running on = running();
        AgentTunnel tunnel = on.link.expose(spec);
        Duration patience = options.connectTimeout();
        Future<?> impatience = patience.isZero()
                ? CompletableFuture.completedFuture(null)
                : on.parts.timing().after(patience, () -> on.link.giveUp(tunnel, patience));
        try {
            tunnel.firstAnswer().get();
            tunnel.flushListeners();
            return tunnel;
        } catch (ExecutionException x) {
            throw here(x.getCause());
        } catch (InterruptedException x) {
            TunnelException interrupted = new TunnelException(
                    TunnelError.CANCELLED, "Interrupted while waiting for the relay at " + config.relay() + ".", x);
            tunnel.fail(interrupted);
            on.link.withdraw(tunnel);
            Thread.currentThread().interrupt();
            throw interrupted;
        } finally {
            impatience.cancel(false);
        }
    }

    /** The same failure, from the caller's place in the code. */
    private static TunnelException here(Throwable failure) {
        return failure instanceof TunnelException x
                ? new TunnelException(x.error(), x.getMessage(), x)
                : new TunnelException(TunnelError.INTERNAL, "The agent failed: " + failure, failure);
    }

    private Running running() {
        CompletableFuture<Running> mine = null;
        CompletableFuture<Running> started;
        synchronized (lock) {
            if (closing) {
                throw new TunnelException(TunnelError.CLOSED, "The agent was closed.");
            }
            if (running == null) {
                mine = new CompletableFuture<>();
                running = mine;
            }
            started = running;
        }
        if (mine != null) {
            start(mine);
        }
        try {
            return started.join();
        } catch (CompletionException x) {
            throw here(x.getCause());
        }
    }

    private void start(CompletableFuture<Running> mine) {
        try {
            AgentNetwork network = networks.get();
            Timing timing = timings.get();
            SafeMetrics metrics = new SafeMetrics(options.metrics());
            StreamBooks books = new StreamBooks(metrics, timing.nanoTime());
            AgentParts parts = new AgentParts(
                    options,
                    config,
                    catalog,
                    timing,
                    network,
                    metrics,
                    books,
                    new MessageCodec(),
                    tee(network, timing));
            mine.complete(new Running(parts, new Link(parts, random)));
        } catch (RuntimeException
                | LinkageError x) { // the latter from parts of different versions: others wait for mine
            synchronized (lock) {
                running = null; // the next expose may have more luck
            }
            mine.completeExceptionally(x);
        }
    }

    private Optional<CaptureTee> tee(AgentNetwork network, Timing timing) {
        return options.capture()
                .map(capture -> new CaptureTee(network.executor(), timing.nanoTime(), capture.maxPendingBytes()));
    }

    /** Implements {@link io.culvert.tunnel.TunnelAgent#close()}. */
    public void close() {
        CompletableFuture<Running> started;
        synchronized (lock) {
            started = running;
            if (closing) {
                started = null;
            } else {
                closing = true;
                if (started == null) {
                    closed.complete(null);
                }
            }
        }
        if (started == null) {
            Awaiting.done(closed);
            return;
        }
        try {
            Awaiting.done(started);
            if (!started.isCompletedExceptionally()) {
                stop(started.join());
            }
        } finally {
            closed.complete(null);
        }
    }

    private void stop(Running on) {
        List<AgentTunnel> last = on.link.tunnels();
        Duration drainTime = options.drainTimeout();
        if (!Awaiting.done(on.link.drain(drainTime), drainTime.plus(STEP_TIMEOUT))) {
            LOG.warn("A closing agent goes on although its tunnels did not close within {}", drainTime);
        }
        TunnelException reason = new TunnelException(TunnelError.CLOSED, "The agent was closed.");
        if (!Awaiting.done(on.link.end(reason), STEP_TIMEOUT)) {
            LOG.warn("A closing agent goes on although its link did not end within {}", STEP_TIMEOUT);
        }
        last.forEach(AgentTunnel::flushListeners);
        on.parts.tee().ifPresent(tee -> tee.flush(StateNews.LISTENER_TIME));
        try {
            on.parts.network().close();
        } catch (RuntimeException x) {
            LOG.error("A closing agent could not close its network", x);
        }
        on.parts.timing().scheduler().shutdownNow();
        LOG.info("Agent of {} closed", config.relay());
    }
}
