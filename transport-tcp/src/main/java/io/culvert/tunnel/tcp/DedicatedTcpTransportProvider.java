package io.culvert.tunnel.tcp;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.jetty.JettyAgentHost;
import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportContext;
import io.culvert.tunnel.spi.TransportProvider;
import io.culvert.tunnel.tcp.internal.TcpAgentTransport;
import io.culvert.tunnel.tcp.internal.TcpRelayTransport;

/** The transport {@code tcp}: every stream is a connection of its own from the agent to the relay, raw bytes after the handshake. */
public final class DedicatedTcpTransportProvider implements TransportProvider {
    /** For {@link java.util.ServiceLoader}. */
    public DedicatedTcpTransportProvider() {}

    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public int preference() {
        return 20;
    }

    @Override
    public RelayTransport relayHalf(RelayContext context) {
        return new TcpRelayTransport(context, host(context, JettyRelayHost.class));
    }

    @Override
    public AgentTransport agentHalf(AgentContext context) {
        return new TcpAgentTransport(context, host(context, JettyAgentHost.class));
    }

    private static <T> T host(TransportContext context, Class<T> type) {
        return context.host(type)
                .orElseThrow(() -> new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "The transport tcp needs a network that offers " + type.getName()
                                + ". Use transport-jetty, or another transport."));
    }
}
