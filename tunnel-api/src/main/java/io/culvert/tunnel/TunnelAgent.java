package io.culvert.tunnel;

/**
 * The side beside the local service: dials out to a relay, keeps the link alive, and connects what the relay brings to the
 * exposed ports. All methods may be called from any thread. Its threads are daemons.
 *
 * <pre>{@code
 * try (Tunnel tunnel = TunnelAgent.expose(8080)) {
 *     System.out.println(tunnel.publicUrl());
 * }
 * }</pre>
 */
public interface TunnelAgent extends AutoCloseable {
    /**
     * Exposes {@code localhost:port} and waits until visitors can reach it.
     *
     * <p>Relay and token come from the system properties {@code tunnel.relay} and {@code tunnel.token}, else from the environment
     * ({@code TUNNEL_RELAY}, {@code TUNNEL_TOKEN}). With no relay configured, one starts inside this JVM on loopback, shared by all such
     * calls; its URL is {@code http://127.0.0.1:PORT}.
     *
     * @param port the local service's port, 1 to 65535; nothing needs to listen there yet
     * @return the tunnel; closing it also closes the agent that was made for it
     * @throws TunnelException if the relay cannot be reached within 10 s or refuses
     */
    static Tunnel expose(int port) {
        return Providers.find().expose(TunnelSpec.port(port));
    }

    /** An agent with options of one's own. */
    static Builder builder() {
        return new Builder();
    }

    /**
     * Exposes one more service and waits until visitors can reach it. The first call dials the relay. Listeners hear of it before this
     * returns, unless they take longer than 2 s.
     *
     * @throws TunnelException if the relay cannot be reached within {@link Builder#connectTimeout} or refuses
     */
    Tunnel expose(TunnelSpec spec);

    /**
     * Closes every tunnel: no new streams; open ones may finish within the drain time and are then reset. Returns when
     * everything is released. Idempotent.
     */
    @Override
    void close();

    /** Collects {@link AgentOptions}. */
    final class Builder extends AgentOptions.Builder<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** The agent, not yet connected. */
        public TunnelAgent build() {
            return Providers.find().agent(options());
        }
    }
}
