package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.core.CoreTunnelProvider;
import io.culvert.tunnel.spi.StreamService;
import java.util.Optional;

/** Relays and agents without a socket, so that the extension can be tested without a transport of the network's. */
public final class MemoryTunnelProvider extends CoreTunnelProvider {
    /** For the service loader. */
    public MemoryTunnelProvider() {
        super(MemoryNetwork.SHARED, options -> MemoryNetwork.SHARED.agent());
    }

    @Override
    public Optional<StreamService> service(Object server) {
        return server instanceof Echo.Server known ? Optional.of(known.connect()) : Optional.empty();
    }
}
