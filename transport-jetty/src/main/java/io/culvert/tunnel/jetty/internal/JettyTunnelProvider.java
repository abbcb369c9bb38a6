package io.culvert.tunnel.jetty.internal;

import io.culvert.tunnel.core.CoreTunnelProvider;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.jetty.internal.edge.JettyRelayNetwork;
import io.culvert.tunnel.jetty.internal.serve.StreamConnector;
import io.culvert.tunnel.spi.StreamService;
import java.util.Optional;
import org.eclipse.jetty.server.Server;

/** The facade's implementation on Jetty. */
public final class JettyTunnelProvider extends CoreTunnelProvider {
    /** For the service loader. */
    public JettyTunnelProvider() {
        super(new JettyRelayNetwork(), JettyAgentNetwork::new);
    }

    @Override
    public Optional<StreamService> service(Object server) {
        return server instanceof Server jetty ? Optional.of(StreamConnector.of(jetty)) : Optional.empty();
    }
}
