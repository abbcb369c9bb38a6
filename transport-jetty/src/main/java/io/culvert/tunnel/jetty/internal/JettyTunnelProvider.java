package io.culvert.tunnel.jetty.internal;

import io.culvert.tunnel.core.CoreTunnelProvider;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.jetty.internal.edge.JettyRelayNetwork;

/** The facade's implementation on Jetty. */
public final class JettyTunnelProvider extends CoreTunnelProvider {
    /** For the service loader. */
    public JettyTunnelProvider() {
        super(new JettyRelayNetwork(), JettyAgentNetwork::new);
    }
}
