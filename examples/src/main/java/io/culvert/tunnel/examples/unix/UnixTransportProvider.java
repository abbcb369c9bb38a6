package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;

/** The {@code unix} transport. It works on one machine only, so it is used where the application names it. */
public final class UnixTransportProvider implements TransportProvider {
    @Override
    public String name() {
        return "unix";
    }

    @Override
    public int preference() {
        return -1;
    }

    @Override
    public RelayTransport relayHalf(RelayContext context) {
        return UnixRelayTransport.listen(context);
    }

    @Override
    public AgentTransport agentHalf(AgentContext context) {
        return new UnixAgentTransport(context);
    }
}
