package io.culvert.tunnel;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The public side: takes HTTP and WebSocket from visitors at its edge and carries each connection to the agent that
 * exposes the tunnel. All methods may be called from any thread. Its threads are daemons.
 */
public interface TunnelRelay extends AutoCloseable {
    /** A relay with options of one's own. */
    static Builder builder() {
        return new Builder();
    }

    /** The address that agents on this machine use, such as {@code ws://127.0.0.1:8080}; with the agents' port if they have their own. */
    URI uri();

    /** The port that the edge listens on for visitors. */
    int port();

    /** The admin port's address, such as {@code http://127.0.0.1:9090}; empty where {@link Builder#admin} did not ask for one. */
    default Optional<URI> adminUri() {
        return Optional.empty();
    }

    /** Snapshots of the data streams open now. */
    List<ConnectionInfo> connections();

    /** The tunnels exposed now: their public URLs by name. */
    java.util.Map<String, URI> tunnels();

    /**
     * Takes no new streams, lets open ones finish within the drain time, then resets them and releases everything.
     * Idempotent.
     */
    @Override
    void close();

    /** Collects {@link RelayOptions}. */
    final class Builder extends RelayOptions.Builder<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Starts the relay.
         *
         * @throws TunnelException if it cannot listen, or is open to the network without authentication
         */
        public TunnelRelay start() {
            return Providers.find().relay(options());
        }
    }
}
