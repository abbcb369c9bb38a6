package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.AgentCredentials;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayLimits;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.guard.AddressBuckets;
import io.culvert.tunnel.core.internal.guard.AddressCount;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.RelayFace;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the edge; also before the relay is complete, as an edge that listens may be asked at once. */
public final class Reception implements RelayFace {
    /** Who every agent is where there is no authenticator. */
    private static final AgentIdentity ANYONE = new AgentIdentity("anyone");

    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private final RelayParts parts;
    private final Addresses addresses;
    private final Registry registry;
    private final Supplier<Sessions> sessions;
    private final AddressBuckets failedHandshakes;
    private final AddressBuckets failedDataConnections;
    private final AddressCount handshakes;

    /**
     * Answers from these.
     *
     * @param sessions asked in control tasks only
     */
    public Reception(RelayParts parts, Addresses addresses, Registry registry, Supplier<Sessions> sessions) {
        this.parts = parts;
        this.addresses = addresses;
        this.registry = registry;
        this.sessions = sessions;
        RelayLimits limits = parts.options().limits();
        this.failedHandshakes =
                new AddressBuckets(limits.failedHandshakes(), parts.timing().nanoTime());
        this.failedDataConnections = new AddressBuckets(
                limits.failedDataConnections(), parts.timing().nanoTime());
        this.handshakes = new AddressCount(limits.handshakesPerAddress());
    }

    /** {@inheritDoc} Without a domain every host is the relay's own that no tunnel has. */
    @Override
    public boolean isOwnHost(String host) {
        return addresses.isOwn(host) || addresses.portForEach() && registry.atOwnHost(host) == null;
    }

    @Override
    public Optional<PublicTunnel> tunnelByHost(String host) {
        return registry.atHost(host, addresses)
                .<PublicTunnel>map(tunnel -> tunnel)
                .or(() -> Optional.ofNullable(registry.absentAtHost(host, addresses)));
    }

    @Override
    public Optional<PublicTunnel> tunnelByPort(int port) {
        return registry.atPort(port).map(tunnel -> tunnel);
    }

    @Override
    public Optional<AgentIdentity> authenticate(AgentCredentials credentials) {
        Optional<Authenticator> authenticator = parts.options().authenticator();
        if (authenticator.isEmpty()) {
            return Optional.of(ANYONE);
        }
        try {
            return authenticator.get().authenticate(credentials);
        } catch (RuntimeException x) {
            LOG.error("The authenticator failed; the agent is not let in", x);
            return Optional.empty();
        }
    }

    @Override
    public long secondsUntilHandshake(InetAddress address) {
        long nanos = failedHandshakes.missing(address);
        if (nanos > 0) {
            limitReached(Limit.FAILED_HANDSHAKES);
        }
        return seconds(nanos);
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).plusMillis(999).toSeconds();
    }

    @Override
    public void handshakeRefused(InetAddress address) {
        failedHandshakes.take(address);
    }

    @Override
    public Optional<Runnable> handshakeBegins(InetAddress address) {
        Optional<Runnable> begun = handshakes.begin(address);
        if (begun.isEmpty()) {
            limitReached(Limit.HANDSHAKES_PER_ADDRESS);
        }
        return begun;
    }

    @Override
    public long dataConnectionRefused(InetAddress address) {
        long nanos = failedDataConnections.take(address);
        if (nanos > 0) {
            limitReached(Limit.FAILED_DATA_CONNECTIONS);
        }
        return seconds(nanos);
    }

    @Override
    public Carrier.Listener connected(
            Carrier carrier, AgentIdentity identity, String remoteAddress, Runnable registered) {
        Handshake handshake = new Handshake(parts, sessions, identity, remoteAddress, registered);
        Wire wire = new Wire(carrier, parts.codec(), parts.timing().nanoTime(), handshake);
        handshake.begin(wire);
        return wire;
    }

    @Override
    public boolean measuresRequests() {
        return parts.metrics().isOn();
    }

    @Override
    public void requestCompleted(PublicTunnel tunnel, StreamKind kind, int status, Duration time) {
        StreamInfo request = new StreamInfo(Role.RELAY, tunnel.name(), tunnel.transport(), kind);
        parts.metrics().requestCompleted(request, status, time);
    }

    @Override
    public void limitReached(Limit limit) {
        parts.metrics().limitReached(limit);
    }

    @Override
    public void visitorRefused(TunnelError error) {
        parts.metrics().visitorRefused(error);
    }
}
