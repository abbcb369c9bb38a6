package io.culvert.tunnel.inspector;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.Traffic;
import io.culvert.tunnel.inspector.internal.InspectorServer;
import java.net.URI;

/**
 * Shows what passes through an agent's tunnels on a page of its own, and sends requests again. It listens on loopback only and answers only
 * under its own address, so that no other site's page can read it; but whoever works on this machine can. All methods may be called from any
 * thread.
 *
 * <pre>{@code
 * try (Inspector inspector = Inspector.start()) {
 *     TunnelAgent.Builder agent = TunnelAgent.builder().relay("wss://relay.example.test");
 *     inspector.attachTo(agent);
 *     System.out.println("Inspect at " + inspector.uri());
 * }
 * }</pre>
 */
public final class Inspector implements AutoCloseable {
    private final Traffic traffic;
    private final InspectorServer server;
    private final int maxBodyBytes;

    private Inspector(Builder builder) {
        traffic = new Traffic(builder.maxExchanges, builder.maxKeptBytes);
        server = new InspectorServer(traffic, builder.port);
        maxBodyBytes = builder.maxBodyBytes;
    }

    /** An inspector with the usual limits on any free port. */
    public static Inspector start() {
        return builder().start();
    }

    /** An inspector with options of one's own. */
    public static Builder builder() {
        return new Builder();
    }

    /** Has an agent that is to be built show its traffic here, whoever else captures it. */
    public void attachTo(TunnelAgent.Builder agent) {
        agent.capture(Capture.builder(traffic).maxBodyBytes(maxBodyBytes).build());
        agent.listener(traffic);
    }

    /** Where the page is, such as {@code http://127.0.0.1:4040}. */
    public URI uri() {
        return server.uri();
    }

    /** Stops listening and forgets everything. Idempotent. */
    @Override
    public void close() {
        server.close();
        traffic.clear();
    }

    /** Collects options; each method checks its argument. */
    public static final class Builder {
        private int port;
        private int maxExchanges = 500;
        private int maxBodyBytes = 1 << 20;
        private long maxKeptBytes = 64L << 20;

        private Builder() {}

        /** The port to listen on, 0 to 65535. Default: 0, any free one. */
        public Builder port(int port) {
            this.port = (int) inRange("port", port, 0, 65535);
            return this;
        }

        /** How many exchanges to keep, the newest: 1 to 100,000. Default: 500. */
        public Builder maxExchanges(int count) {
            this.maxExchanges = (int) inRange("maxExchanges", count, 1, 100_000);
            return this;
        }

        /** Bytes to keep of each body, and of one WebSocket's messages together: 0 to 64 MiB. Default: 1 MiB. */
        public Builder maxBodyBytes(int bytes) {
            this.maxBodyBytes = (int) inRange("maxBodyBytes", bytes, 0, 64 << 20);
            return this;
        }

        /** Bytes of bodies and messages to keep of all exchanges; the oldest go first. 0 to 4 GiB. Default: 64 MiB. */
        public Builder maxKeptBytes(long bytes) {
            this.maxKeptBytes = inRange("maxKeptBytes", bytes, 0, 4L << 30);
            return this;
        }

        /**
         * Starts it.
         *
         * @throws TunnelException {@code BIND_FAILED} if the port cannot be had
         */
        public Inspector start() {
            return new Inspector(this);
        }

        private static long inRange(String option, long value, long lowest, long highest) {
            if (value < lowest || value > highest) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        option + " must be " + lowest + " to " + highest + ", not " + value + ".");
            }
            return value;
        }
    }
}
