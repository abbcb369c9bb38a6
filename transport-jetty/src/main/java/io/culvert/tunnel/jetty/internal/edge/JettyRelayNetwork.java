package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.core.net.RelayNetwork;
import org.eclipse.jetty.io.ArrayByteBufferPool;

/** Relays on Jetty. */
public final class JettyRelayNetwork implements RelayNetwork {
    @Override
    public Edge start(RelayOptions options, RelayFace face) {
        return new JettyEdge(options, face, new ArrayByteBufferPool());
    }
}
