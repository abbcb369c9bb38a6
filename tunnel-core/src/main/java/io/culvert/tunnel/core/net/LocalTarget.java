package io.culvert.tunnel.core.net;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.TunnelSpec;
import java.util.Optional;

/**
 * A local service as an agent dials it.
 *
 * @param host {@code localhost} means both loopback addresses, tried in turn
 * @param port the service's port
 * @param tls how to speak TLS to it; empty to speak without
 */
public record LocalTarget(String host, int port, Optional<LocalTls> tls) {
    /** What a tunnel exposes. */
    public static LocalTarget of(TunnelSpec spec) {
        return new LocalTarget(spec.localHost(), spec.localPort(), spec.localTls());
    }
}
