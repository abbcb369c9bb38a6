package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.net.RelayNetwork.Edge;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides who gets which name, host and port. In control tasks only, as opening a port may block. */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private final RelayParts parts;
    private final Edge edge;
    private final Addresses addresses;
    private final Registry registry;
    private final TunnelNames names = new TunnelNames();

    Claims(RelayParts parts, Edge edge, Addresses addresses, Registry registry) {
        this.parts = parts;
        this.edge = edge;
        this.addresses = addresses;
        this.registry = registry;
    }

    /** Answers a wish: the tunnel is the session's now, or there is a reason why not. */
    Grant grant(Session session, Wish wish) {
        try {
            RelayTunnel tunnel = claim(session, wish);
            return new Grant(wish.ref(), tunnel.name(), tunnel.url().toString(), null, null);
        } catch (TunnelException x) {
            LOG.info(
                    "Session {} does not get tunnel {}: {}",
                    session.id(),
                    LogText.clean(wish.name()),
                    LogText.clean(x.getMessage()));
            return new Grant(wish.ref(), null, null, x.error().code(), x.getMessage());
        }
    }

    private RelayTunnel claim(Session session, Wish wish) {
        String name = nameFor(wish);
        String host = wish.host() == null ? null : hostFor(wish.host());
        RelayTunnel held = registry.named(name);
        if (held != null) {
            if (!held.owner().equals(session.owner())) {
                throw new TunnelException(
                        TunnelError.NAME_TAKEN,
                        "The name '" + name + "' is held by another agent. Choose another name.");
            }
            if (held.session() == session) {
                return held;
            }
        }
        if (session.tunnelCount() >= parts.options().maxTunnelsPerAgent()) {
            throw new TunnelException(
                    TunnelError.OVERLOADED,
                    "An agent may expose " + parts.options().maxTunnelsPerAgent() + " tunnels at this relay.");
        }
        if (held != null) {
            Session older = held.session();
            if (isSame(held, host, wish.port())) {
                RelayTunnel taken = add(session, name, held.host(), held.ownPort(), held.url());
                older.remove(held);
                held.endFor(taken);
                older.replace();
                return taken;
            }
            release(held, TunnelError.CLOSING);
            older.replace();
        }
        return create(session, name, host, wish.port());
    }

    private RelayTunnel create(Session session, String name, @Nullable String host, @Nullable Integer wantedPort) {
        RelayTunnel atHost = host == null ? null : registry.atOwnHost(host);
        if (atHost != null) {
            throw new TunnelException(
                    TunnelError.NAME_TAKEN,
                    "The host " + host + " is held by tunnel '" + atHost.name() + "'. Choose another host.");
        }
        int port = 0;
        if (wantedPort != null || addresses.portForEach()) {
            port = openPort(wantedPort == null ? 0 : wantedPort);
        }
        RelayTunnel tunnel = add(session, name, host, port, addresses.tunnel(name, host, port));
        parts.metrics().tunnels(Role.RELAY, 1);
        LOG.info("Tunnel {} of session {} exposed at {}", name, session.id(), tunnel.url());
        return tunnel;
    }

    private RelayTunnel add(Session session, String name, @Nullable String host, int port, URI url) {
        int maxStreams = parts.options().maxStreamsPerTunnel();
        RelayTunnel tunnel = new RelayTunnel(name, host, port, url, session, parts.books(), maxStreams);
        registry.add(tunnel);
        session.add(tunnel);
        return tunnel;
    }

    private int openPort(int wanted) {
        if (wanted < 0 || wanted > 65535) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "Port " + wanted + " is not in the range 0 to 65535.");
        }
        if (wanted != 0 && registry.atPort(wanted).isPresent()) {
            throw new TunnelException(
                    TunnelError.NAME_TAKEN, "Port " + wanted + " is held by another tunnel. Choose another port.");
        }
        return edge.openPort(wanted);
    }

    /** The tunnel is gone, with its name, host and port. */
    void release(RelayTunnel tunnel, TunnelError forWaiting) {
        registry.remove(tunnel);
        tunnel.session().remove(tunnel);
        if (tunnel.ownPort() != 0) {
            edge.closePort(tunnel.ownPort());
        }
        tunnel.end(forWaiting);
        parts.metrics().tunnels(Role.RELAY, -1);
        LOG.info("Tunnel {} withdrawn", tunnel.name());
    }

    private String nameFor(Wish wish) {
        if (wish.name() == null) {
            String name = names.next();
            while (registry.named(name) != null) {
                name = names.next();
            }
            return name;
        }
        String name = Addresses.name(wish.name());
        if (name == null) {
            throw new TunnelException(
                    TunnelError.NAME_INVALID,
                    "'" + LogText.clean(wish.name())
                            + "' cannot name a tunnel: use 1 to 63 of the characters a-z, 0-9 and '-'.");
        }
        return name;
    }

    private String hostFor(String wanted) {
        String host = wanted.toLowerCase(Locale.ROOT);
        if (!addresses.isClaimable(host)) {
            throw new TunnelException(
                    TunnelError.NAME_FORBIDDEN,
                    "The host '" + LogText.clean(host)
                            + "' cannot be had: it must be a DNS name outside the relay's own.");
        }
        return host;
    }

    private static boolean isSame(RelayTunnel tunnel, @Nullable String host, @Nullable Integer port) {
        return Objects.equals(tunnel.host(), host) && (port == null || port == 0 || port == tunnel.ownPort());
    }
}
