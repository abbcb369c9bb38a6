package io.culvert.tunnel.jetty.internal.control;

import io.culvert.tunnel.core.mux.StreamMultiplexer;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;

/** The transport {@code control}: the bytes of all streams travel in base64 on the control channel. Works wherever that works. */
public final class ControlTransportProvider implements TransportProvider {
    /** For {@link java.util.ServiceLoader}. */
    public ControlTransportProvider() {}

    @Override
    public String name() {
        return "control";
    }

    @Override
    public int preference() {
        return 10;
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
