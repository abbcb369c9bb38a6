package io.culvert.tunnel.jetty;

import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;

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

    /** The request's connection proved that it is an agent's: it does not count as one of its address's visitors any more. Called once. */
    default void admitted(Request request) {}

    /**
     * The request could not prove that an agent sends it. Counted by address.
     *
     * @return in how many seconds the address should try again, as there were too many; 0 if there were not
     */
    default long refused(Request request) {
        return 0;
    }
}
