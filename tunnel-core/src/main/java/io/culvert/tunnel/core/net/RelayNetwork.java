package io.culvert.tunnel.core.net;

import io.culvert.tunnel.RelayOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/** What a relay needs of a network stack. */
@FunctionalInterface
public interface RelayNetwork {
    /**
     * Starts listening.
     *
     * @throws io.culvert.tunnel.TunnelException {@code BIND_FAILED} if the address cannot be had
     */
    Edge start(RelayOptions options, RelayFace face);

    /** A relay's public side, listening. */
    interface Edge extends AutoCloseable {
        /** The port of the main listener. */
        int port();

        /** The port where agents connect. */
        default int agentPort() {
            return port();
        }

        /** The address of the admin port, where the options ask for one. */
        default Optional<URI> adminUri() {
            return Optional.empty();
        }

        /**
         * Listens on one more port, on the same address, for a single tunnel.
         *
         * @param wanted the port, or 0 for any free one
         * @return the port
         * @throws io.culvert.tunnel.TunnelException {@code BIND_FAILED} if it cannot be had
         */
        int openPort(int wanted);

        /** Stops listening on a tunnel's port. Connections that stand go on. Unknown ports are ignored. */
        void closePort(int port);

        /**
         * Takes no new connections and requests; returns when the open exchanges and connections are done or the time is over.
         *
         * @return whether they are done
         */
        boolean drain(Duration atMost);

        /** Runs work that may block. */
        Executor executor();

        /** Something of the stack's own, for transports made for it. */
        <T> Optional<T> host(Class<T> type);

        /** Closes every connection and releases every thread. */
        @Override
        void close();
    }
}
