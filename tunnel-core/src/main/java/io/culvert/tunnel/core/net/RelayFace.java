package io.culvert.tunnel.core.net;

import io.culvert.tunnel.AgentCredentials;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/** What an edge asks the relay. Thread-safe; never blocks, but for {@link #authenticate}. */
public interface RelayFace {
    /**
     * Whether a Host is the relay's own, where the control channel and the data path answer: its domain's apex, an IP literal or
     * {@code localhost}. Tunnels can't have these.
     *
     * @param host lower case, without port or trailing dot
     */
    boolean isOwnHost(String host);

    /** The tunnel with that Host (lower case, without port or trailing dot). */
    Optional<PublicTunnel> tunnelByHost(String host);

    /** The tunnel that has that listening port of its own. */
    Optional<PublicTunnel> tunnelByPort(int port);

    /** Who an agent is; empty to answer 401. May block briefly. */
    Optional<AgentIdentity> authenticate(AgentCredentials credentials);

    /** In how many seconds agents from an address may try again; 0 if they may now, as not too many tokens from there were wrong. */
    default long secondsUntilHandshake(InetAddress address) {
        return 0;
    }

    /** A token from that address was wrong or missing. */
    default void handshakeRefused(InetAddress address) {}

    /**
     * An agent at that address begins its handshake.
     *
     * @return to be run when it comes to nothing, once or more often; empty if too many are under way
     */
    default Optional<Runnable> handshakeBegins(InetAddress address) {
        return Optional.of(() -> {});
    }

    /** A data connection from that address was not let in. In how many seconds it may try again; 0 if that happened not too often. */
    default long dataConnectionRefused(InetAddress address) {
        return 0;
    }

    /**
     * A control channel stands.
     *
     * @param registered run when its agent has registered, or will not
     */
    Carrier.Listener connected(Carrier carrier, AgentIdentity identity, String remoteAddress, Runnable registered);

    /** Whether {@link #requestCompleted} is listened to, so that the edge can save the measuring. The same for the relay's life. */
    default boolean measuresRequests() {
        return false;
    }

    /**
     * The edge is done with a visitor's request.
     *
     * @param status 0 if the visitor had no whole answer
     */
    default void requestCompleted(PublicTunnel tunnel, StreamKind kind, int status, Duration time) {}

    /** The edge refused or ended something because a limit was reached. */
    void limitReached(Limit limit);

    /** The edge answered a visitor with an error of its own. */
    void visitorRefused(TunnelError error);
}
