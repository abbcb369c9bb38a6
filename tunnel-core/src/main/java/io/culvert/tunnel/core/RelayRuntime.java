package io.culvert.tunnel.core;

import io.culvert.tunnel.ConnectionInfo;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.internal.Awaiting;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.relay.Addresses;
import io.culvert.tunnel.core.internal.relay.Reception;
import io.culvert.tunnel.core.internal.relay.Rechecks;
import io.culvert.tunnel.core.internal.relay.Registry;
import io.culvert.tunnel.core.internal.relay.RelayParts;
import io.culvert.tunnel.core.internal.relay.Sessions;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.core.net.RelayNetwork.Edge;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A relay on some network stack. */
public final class RelayRuntime implements TunnelRelay {
    /** How long {@link #close()} waits for a step that depends on no peer. */
    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(10);

    /** How long connections have that are told that their time is up. */
    private static final Duration FAREWELL_TIME = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(RelayRuntime.class);

    private final RelayParts parts;
    private final Addresses addresses;
    private final Registry registry;
    private final Edge edge;
    private final Sessions sessions;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /**
     * Starts a relay.
     *
     * @throws io.culvert.tunnel.TunnelException if it cannot listen, or an option cannot work
     */
    public static TunnelRelay start(RelayOptions options, RelayNetwork network) {
        return start(options, network, Timing.real("culvert-relay-scheduler"));
    }

    /** As {@link #start(RelayOptions, RelayNetwork)}, with time under control. The relay shuts the scheduler down. */
    static TunnelRelay start(RelayOptions options, RelayNetwork network, Timing timing) {
        try {
            return new RelayRuntime(options, network, timing);
        } catch (RuntimeException x) {
            timing.scheduler().shutdownNow();
            throw x;
        }
    }

    private RelayRuntime(RelayOptions options, RelayNetwork network, Timing timing) {
        parts = RelayParts.of(options, timing);
        addresses = new Addresses(options);
        registry = new Registry(timing.nanoTime(), nameOrHost -> options.authenticator()
                .filter(authenticator -> authenticator.isBound(nameOrHost))
                .isPresent());
        CompletableFuture<Sessions> ready = new CompletableFuture<>();
        edge = network.start(options, new Reception(parts, addresses, registry, ready::join));
        addresses.listensOn(edge.port(), edge.agentPort());
        sessions = new Sessions(parts, edge, addresses, registry);
        ready.complete(sessions);
        parts.control().start(edge.executor());
        options.authenticator().ifPresent(authenticator -> new Rechecks(authenticator, parts, sessions).begin());
        LOG.info(
                "Relay listens at {} with transports {}",
                addresses.relay(),
                parts.catalog().names());
    }

    @Override
    public URI uri() {
        return addresses.relay();
    }

    @Override
    public int port() {
        return edge.port();
    }

    @Override
    public Optional<URI> adminUri() {
        return edge.adminUri();
    }

    @Override
    public List<ConnectionInfo> connections() {
        return parts.books().connections();
    }

    @Override
    public Map<String, URI> tunnels() {
        return registry.urls();
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            Awaiting.done(closed);
            return;
        }
        Duration drainTime = parts.options().drainTimeout();
        try {
            LOG.info("Relay at {} closes", addresses.relay());
            step("tell agents", () -> inControl(() -> sessions.drain(drainTime)));
            step("drain", () -> {
                if (!edge.drain(drainTime)) {
                    inControl(sessions::farewell);
                    edge.drain(FAREWELL_TIME);
                }
            });
            step("end sessions", () -> inControl(sessions::end));
            step("close the edge", edge::close);
            step("stop the scheduler", () -> parts.timing().scheduler().shutdownNow());
            LOG.info("Relay at {} closed", addresses.relay());
        } finally {
            closed.complete(null);
        }
    }

    /** Goes on with the next step whatever one step meets. */
    private static void step(String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException x) {
            LOG.error("A closing relay failed to {}", what, x);
        }
    }

    private void inControl(Runnable task) {
        if (parts.control().isInside()) {
            task.run();
            return;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        parts.control().execute(() -> {
            try {
                task.run();
            } finally {
                done.complete(null);
            }
        });
        if (!Awaiting.done(done, STEP_TIMEOUT)) {
            LOG.warn("A closing relay goes on although its control tasks did not end within {}", STEP_TIMEOUT);
        }
    }
}
