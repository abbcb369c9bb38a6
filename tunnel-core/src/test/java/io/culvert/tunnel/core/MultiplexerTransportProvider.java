package io.culvert.tunnel.core;

import io.culvert.tunnel.core.mux.StreamMultiplexer;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;

/** The engine of the transport {@code control}, for what names it. */
public final class MultiplexerTransportProvider implements TransportProvider {
    /** The name. */
    public static final String NAME = "mux";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int preference() {
        return -1;
    }

    @Override
    public RelayTransport relayHalf(RelayContext context) {
        return StreamMultiplexer.relay(context);
    }

    @Override
    public AgentTransport agentHalf(AgentContext context) {
        return StreamMultiplexer.agent(context);
    }
}
