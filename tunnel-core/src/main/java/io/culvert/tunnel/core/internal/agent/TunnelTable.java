package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import io.culvert.tunnel.spi.ControlChannel;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tunnels of one agent that are wanted, and the names under which openings mention them. Thread-safe. */
final class TunnelTable {
    /** How long to wait before the relay is asked again for a tunnel that it could not give back. */
    static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(TunnelTable.class);

    private final AgentParts parts;
    private final Link link;
    private final ControlChannel channel;
    private final AtomicLong refs = new AtomicLong();
    private final Map<String, AgentTunnel> byRef = new ConcurrentSkipListMap<>();
    private final Map<String, AgentTunnel> byName = new ConcurrentHashMap<>();

    TunnelTable(AgentParts parts, Link link, ControlChannel channel) {
        this.parts = parts;
        this.link = link;
        this.channel = channel;
    }

    /** A label for a new tunnel. */
    String newRef() {
        return "t" + refs.incrementAndGet();
    }

    void add(AgentTunnel tunnel) {
        byRef.put(tunnel.ref(), tunnel);
    }

    /** Forgets a tunnel. Returns whether it was there. */
    boolean remove(AgentTunnel tunnel) {
        byName.remove(tunnel.name(), tunnel);
        return byRef.remove(tunnel.ref(), tunnel);
    }

    boolean contains(AgentTunnel tunnel) {
        return byRef.get(tunnel.ref()) == tunnel;
    }

    boolean isEmpty() {
        return byRef.isEmpty();
    }

    List<AgentTunnel> all() {
        return List.copyOf(byRef.values());
    }

    /** The tunnel that the relay granted under a name. */
    @Nullable
    AgentTunnel named(String name) {
        return byName.get(name);
    }

    /** The relay answered a wish. */
    void answer(Grant grant) {
        AgentTunnel tunnel = byRef.get(grant.ref());
        if (grant.name() == null || grant.url() == null) {
            if (tunnel != null) {
                denied(tunnel, grant);
            }
            return;
        }
        boolean stands = false;
        if (tunnel != null
                && !grant.isProtected()
                && !tunnel.spec().protection().isEmpty()) {
            tunnel.fail(new TunnelException(
                    TunnelError.VERSION_UNSUPPORTED,
                    "The relay does not say that it protects tunnel " + LogText.clean(grant.name())
                            + ". Upgrade the relay, or expose without protection."));
        } else if (tunnel != null) {
            byName.put(grant.name(), tunnel);
            try {
                stands = tunnel.granted(grant.name(), new URI(grant.url()));
            } catch (URISyntaxException x) {
                String what = "The relay gave an address that is none: " + LogText.clean(grant.url());
                tunnel.fail(new TunnelException(TunnelError.PROTOCOL, what, x));
            }
        }
        if (!stands) {
            LOG.debug("Tunnel {} is not wanted any more", LogText.clean(grant.name()));
            if (tunnel != null) {
                byName.remove(grant.name(), tunnel);
                link.withdraw(tunnel);
            }
            channel.send(new Withdraw(grant.name(), null));
        }
    }

    private void denied(AgentTunnel tunnel, Grant grant) {
        TunnelError error = TunnelError.ofCode(grant.code() == null ? "" : grant.code());
        String message = grant.message() == null ? error.advice() : LogText.clean(grant.message());
        if (tunnel.wasGranted() && error.retryable()) {
            LOG.info(
                    "The relay cannot give tunnel {} back yet, asking again in {} s: {}",
                    tunnel.name(),
                    ASK_AGAIN.toSeconds(),
                    message);
            parts.timing().after(ASK_AGAIN, () -> link.askAgain(tunnel));
        } else {
            tunnel.fail(new TunnelException(error, message));
            link.withdraw(tunnel);
        }
    }

    /** No opening is on its way to any of them. */
    void noMoreOpenings() {
        all().forEach(AgentTunnel::noMoreOpenings);
    }

    /** Lets every tunnel's streams finish, those on their way too until {@link #noMoreOpenings}. Completes when all are closed. */
    CompletableFuture<Void> drain(Duration atMost, @Nullable TunnelException reason) {
        List<AgentTunnel> drained = all();
        drained.forEach(tunnel -> tunnel.drain(atMost, reason));
        return CompletableFuture.allOf(drained.stream().map(AgentTunnel::over).toArray(CompletableFuture<?>[]::new));
    }
}
