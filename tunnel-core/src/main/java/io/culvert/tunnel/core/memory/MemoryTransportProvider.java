package io.culvert.tunnel.core.memory;

import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;

/**
 * The transport {@code memory}: relay and agent must live in the same JVM and class loader, and each stream is a pair of
 * buffers. Its name stands last among the offers.
 */
public final class MemoryTransportProvider implements TransportProvider {
    /** The transport's name. */
    public static final String NAME = "memory";

    /** For {@link java.util.ServiceLoader}. */
    public MemoryTransportProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int preference() {
        return -10;
    }

    @Override
    public RelayTransport relayHalf(RelayContext context) {
        return new MemoryRelayTransport(context);
    }

    @Override
    public AgentTransport agentHalf(AgentContext context) {
        return new MemoryAgentTransport(context);
    }
}
