package io.culvert.tunnel.jetty;

import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;

/**
 * A relay's Jetty, for transports made for it: {@link io.culvert.tunnel.spi.TransportContext#host} gives it on the relay's side.
 */
public interface JettyRelayHost {
    /**
     * The handler for paths that begin with the prefix on the relay's own hosts; never seen by visitors of a tunnel.
     *
     * @param pathPrefix such as {@code /_ws_proxy/}
     * @param handler makes it when the first session asks; later sessions of the same relay get the same one
     */
    <H extends Handler> H reserved(String pathPrefix, Class<H> type, Supplier<H> handler);
}
