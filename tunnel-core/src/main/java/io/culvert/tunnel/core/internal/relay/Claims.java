package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.guard.TunnelGuard;
import io.culvert.tunnel.core.net.RelayNetwork.Edge;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides who gets which name, host and port. In control tasks only, as opening a port may block. */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private static final Pattern HOST_HEADER =
            Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

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
            return new Grant(wish.ref(), tunnel.name(), tunnel.url().toString(), null, null, wish.protection() != null);
        } catch (TunnelException x) {
            LOG.info(
                    "Session {} does not get tunnel {}: {}",
                    session.id(),
                    LogText.clean(wish.name()),
                    LogText.clean(x.getMessage()));
            return new Grant(wish.ref(), null, null, x.error().code(), x.getMessage(), false);
        }
    }

    private RelayTunnel claim(Session session, Wish wish) {
        String name = nameFor(session, wish);
        String host = wish.host() == null ? null : hostFor(session, wish.host());
        if (wish.port() != null && wish.port() != 0 && !session.identity().mayClaimPort(wish.port())) {
            throw new TunnelException(
                    TunnelError.NAME_FORBIDDEN, "This token may not claim port " + wish.port() + ". Ask for port 0.");
        }
        String hostHeader = hostHeaderOf(wish);
        RelayTunnel held = registry.named(name);
        TunnelGuard guard = guardFor(held, wish);
        if (held != null) {
            if (!held.owner().equals(session.owner())) {
                throw new TunnelException(
                        TunnelError.NAME_TAKEN,
                        "The name '" + name + "' is held by another agent. Choose another name.");
            }
            if (held.session() == session) {
                held.guard(guard);
                return held;
            }
        }
        if (session.tunnelCount() >= parts.options().limits().tunnelsPerAgent()) {
            parts.metrics().limitReached(Limit.TUNNELS_PER_AGENT);
            throw new TunnelException(
                    TunnelError.OVERLOADED,
                    "An agent may expose " + parts.options().limits().tunnelsPerAgent() + " tunnels at this relay.");
        }
        if (held != null) {
            Session older = held.session();
            if (isSame(held, host, wish.port())) {
                RelayTunnel taken = add(session, name, held.host(), hostHeader, held.ownPort(), held.url(), guard);
                older.remove(held);
                held.endFor(taken);
                older.farewell(held, parts.options().drainTimeout());
                older.replace();
                return taken;
            }
            release(held, TunnelError.CLOSING);
            older.replace();
        }
        return create(session, name, host, hostHeader, wish.port(), guard);
    }

    /** The one that the name has, so that nobody's count begins anew with an agent; another where the wish is another. */
    private TunnelGuard guardFor(@Nullable RelayTunnel held, Wish wish) {
        return held != null && held.guard().isFor(wish.protection())
                ? held.guard()
                : new TunnelGuard(
                        wish.protection(),
                        parts.options().limits(),
                        parts.metrics(),
                        parts.timing().nanoTime());
    }

    private RelayTunnel create(
            Session session,
            String name,
            @Nullable String host,
            @Nullable String hostHeader,
            @Nullable Integer wantedPort,
            TunnelGuard guard) {
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
        RelayTunnel tunnel = add(session, name, host, hostHeader, port, addresses.tunnel(name, host, port), guard);
        parts.metrics().tunnels(Role.RELAY, 1);
        LOG.info("Tunnel {} of session {} exposed at {}", name, session.id(), tunnel.url());
        return tunnel;
    }

    private RelayTunnel add(
            Session session,
            String name,
            @Nullable String host,
            @Nullable String hostHeader,
            int port,
            URI url,
            TunnelGuard guard) {
        RelayTunnel tunnel = new RelayTunnel(name, host, hostHeader, port, url, session, guard, parts);
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
        if (forWaiting == TunnelError.AGENT_AWAY) {
            registry.remember(tunnel);
        }
        tunnel.session().remove(tunnel);
        if (tunnel.ownPort() != 0) {
            edge.closePort(tunnel.ownPort());
        }
        tunnel.end(forWaiting);
        parts.metrics().tunnels(Role.RELAY, -1);
        LOG.info("Tunnel {} withdrawn", tunnel.name());
    }

    private String nameFor(Session session, Wish wish) {
        if (wish.name() == null) {
            return session.identity().claims().isEmpty() ? randomName() : ownName(session);
        }
        String name = Addresses.name(wish.name());
        if (name == null) {
            throw new TunnelException(
                    TunnelError.NAME_INVALID,
                    "'" + LogText.clean(wish.name())
                            + "' cannot name a tunnel: use 1 to 63 of the characters a-z, 0-9 and '-'.");
        }
        checkAllowed(session, "name", name);
        return name;
    }

    private String randomName() {
        String name = names.next();
        while (registry.named(name) != null || isBound(name)) {
            name = names.next();
        }
        return name;
    }

    /** What a token with claims gets that wishes for no name: the first of its names that it does not use yet. */
    private String ownName(Session session) {
        return session.identity().claims().stream()
                .filter(claim -> Addresses.name(claim) != null)
                .sorted()
                .filter(name -> {
                    RelayTunnel held = registry.named(name);
                    return held == null || held.session() != session;
                })
                .findFirst()
                .orElseThrow(() -> new TunnelException(
                        TunnelError.NAME_FORBIDDEN,
                        "This token has no name left to give. Ask for one that it may claim."));
    }

    /** A bound name is for tokens that name it in full; any other for tokens whose claims cover it. */
    private void checkAllowed(Session session, String what, String nameOrHost) {
        AgentIdentity identity = session.identity();
        if (identity.claims().contains(nameOrHost)) {
            return;
        }
        if (!identity.mayClaim(nameOrHost) || isBound(nameOrHost)) {
            throw new TunnelException(
                    TunnelError.NAME_FORBIDDEN, "This token may not claim the " + what + " '" + nameOrHost + "'.");
        }
    }

    private boolean isBound(String nameOrHost) {
        return parts.options()
                .authenticator()
                .filter(authenticator -> authenticator.isBound(nameOrHost))
                .isPresent();
    }

    private String hostFor(Session session, String wanted) {
        String host = wanted.toLowerCase(Locale.ROOT);
        if (!addresses.isClaimable(host)) {
            throw new TunnelException(
                    TunnelError.NAME_FORBIDDEN,
                    "The host '" + LogText.clean(host)
                            + "' cannot be had: it must be a DNS name outside the relay's own.");
        }
        checkAllowed(session, "host", host);
        return host;
    }

    /** It goes into the head of requests as it is, so an agent must not smuggle anything in by it. */
    private static @Nullable String hostHeaderOf(Wish wish) {
        String value = wish.hostHeader();
        if (value != null && !HOST_HEADER.matcher(value).matches()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, "The wanted Host field is neither host nor host:port.");
        }
        return value;
    }

    private static boolean isSame(RelayTunnel tunnel, @Nullable String host, @Nullable Integer port) {
        return Objects.equals(tunnel.host(), host) && (port == null || port == 0 || port == tunnel.ownPort());
    }
}
