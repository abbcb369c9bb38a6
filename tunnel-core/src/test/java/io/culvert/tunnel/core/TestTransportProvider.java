package io.culvert.tunnel.core;

import io.culvert.tunnel.core.memory.MemoryTransportProvider;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;

/** The transport in memory under another name, for what takes the transports that are there. */
public final class TestTransportProvider implements TransportProvider {
    private final TransportProvider memory = new MemoryTransportProvider();

    @Override
    public String name() {
        return "test";
    }

    @Override
    public RelayTransport relayHalf(RelayContext context) {
        return memory.relayHalf(context);
    }

    @Override
    public AgentTransport agentHalf(AgentContext context) {
        return memory.agentHalf(context);
    }
}
