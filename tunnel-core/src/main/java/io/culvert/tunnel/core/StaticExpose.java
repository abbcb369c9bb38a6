package io.culvert.tunnel.core;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.agent.AgentConfig;
import io.culvert.tunnel.core.net.AgentNetwork;
import io.culvert.tunnel.core.net.RelayNetwork;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is behind {@link TunnelAgent#expose(int)}: an agent for each call; and, where no relay is configured, one embedded relay for all of
 * them, which goes with the last. It listens on loopback, and its token never leaves this process.
 */
final class StaticExpose {
    /** The one of this process. */
    static final StaticExpose SHARED = new StaticExpose(AgentConfig.Lookup.SYSTEM);

    private static final AgentIdentity SELF = new AgentIdentity("this-process");

    private static final Logger LOG = LoggerFactory.getLogger(StaticExpose.class);

    private final AgentConfig.Lookup lookup;
    private final Object lock = new Object();
    private @Nullable CompletableFuture<Embedded> embedded; // guarded by lock
    private int users; // of the embedded relay; guarded by lock

    private record Embedded(TunnelRelay relay, String token) {}

    StaticExpose(AgentConfig.Lookup lookup) {
        this.lookup = lookup;
    }

    Tunnel expose(TunnelSpec spec, RelayNetwork relays, Function<AgentOptions, AgentNetwork> agents) {
        if (AgentConfig.configuredRelay(lookup).isPresent()) {
            return expose(spec, TunnelAgent.builder().options(), agents, () -> {});
        }
        Embedded relay = acquire(relays);
        AtomicBoolean released = new AtomicBoolean();
        Runnable release = () -> {
            if (released.compareAndSet(false, true)) {
                release();
            }
        };
        try {
            AgentOptions options = TunnelAgent.builder()
                    .relay(relay.relay.uri())
                    .token(relay.token)
                    .options();
            return expose(spec, options, agents, release);
        } catch (RuntimeException x) {
            release.run();
            throw x;
        }
    }

    private Tunnel expose(
            TunnelSpec spec, AgentOptions options, Function<AgentOptions, AgentNetwork> agents, Runnable after) {
        TunnelAgent agent = AgentRuntime.create(options, () -> agents.apply(options), lookup);
        try {
            return new OwningTunnel(agent.expose(spec), agent, after);
        } catch (RuntimeException x) {
            agent.close();
            throw x;
        }
    }

    private Embedded acquire(RelayNetwork relays) {
        CompletableFuture<Embedded> mine = null;
        CompletableFuture<Embedded> started;
        synchronized (lock) {
            if (embedded == null) {
                mine = new CompletableFuture<>();
                embedded = mine;
                users = 0;
            }
            started = embedded;
            users++;
        }
        if (mine != null) {
            start(relays, mine);
        }
        try {
            return started.join();
        } catch (CompletionException x) {
            throw x.getCause() instanceof TunnelException known
                    ? new TunnelException(known.error(), known.getMessage(), known)
                    : x;
        }
    }

    private void start(RelayNetwork relays, CompletableFuture<Embedded> mine) {
        try {
            String token = Ids.secret();
            TunnelRelay relay = RelayRuntime.start(
                    TunnelRelay.builder().authenticator(only(token)).options(), relays);
            LOG.info("No relay is configured: one runs inside this process, at {}", relay.uri());
            mine.complete(new Embedded(relay, token));
        } catch (RuntimeException x) {
            synchronized (lock) {
                embedded = null; // the next expose may have more luck
            }
            mine.completeExceptionally(x);
        }
    }

    private static Authenticator only(String token) {
        byte[] expected = token.getBytes(StandardCharsets.UTF_8);
        return given -> MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(SELF)
                : Optional.empty();
    }

    /** The last user takes the relay with it; whoever comes meanwhile starts another. */
    private void release() {
        CompletableFuture<Embedded> unused = null;
        synchronized (lock) {
            users--;
            if (users == 0) {
                unused = embedded;
                embedded = null;
            }
        }
        if (unused != null) {
            unused.join().relay.close();
        }
    }

    /** The relay that runs now, if any. */
    Optional<TunnelRelay> relay() {
        synchronized (lock) {
            return Optional.ofNullable(embedded)
                    .filter(started -> started.isDone())
                    .map(started -> started.join().relay);
        }
    }
}
