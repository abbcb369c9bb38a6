package io.culvert.tunnel.spi;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;

/** The implementation behind the facade. Found by {@link java.util.ServiceLoader}; applications never call it. */
public interface TunnelProvider {
    /** Implements {@link TunnelAgent.Builder#build()}. */
    TunnelAgent agent(AgentOptions options);

    /** Implements {@link TunnelRelay.Builder#start()}. */
    TunnelRelay relay(RelayOptions options);

    /** Implements {@link TunnelAgent#expose(int)}. */
    Tunnel expose(TunnelSpec spec);
}
