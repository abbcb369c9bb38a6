package io.culvert.tunnel.spi;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.util.Optional;

/** The implementation behind the facade. Found by {@link java.util.ServiceLoader}; applications never call it. */
public interface TunnelProvider {
    /** Implements {@link TunnelAgent.Builder#build()}. */
    TunnelAgent agent(AgentOptions options);

    /** Implements {@link TunnelRelay.Builder#start()}. */
    TunnelRelay relay(RelayOptions options);

    /** Implements {@link TunnelAgent#expose(int)}. */
    Tunnel expose(TunnelSpec spec);

    /**
     * A server object of the network stack's library as a service without a port, for tools that are given one and know no library.
     *
     * @param server any object
     * @return empty if it is none that the implementation knows. The service is {@link AutoCloseable} where the server has to be told that
     *     nobody uses it any more
     */
    default Optional<StreamService> service(Object server) {
        return Optional.empty();
    }
}
