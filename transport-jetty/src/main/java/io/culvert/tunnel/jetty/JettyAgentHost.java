package io.culvert.tunnel.jetty;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpFields;

/**
 * An agent's Jetty, for transports made for it: {@link io.culvert.tunnel.spi.TransportContext#host} gives it on the agent's side.
 */
public interface JettyAgentHost {
    /**
     * Dials the relay at the address where the control channel reached it, with TLS if that has it, asks for an upgrade (RFC 9110,
     * section 7.8) and hands over the raw connection.
     *
     * @param relay the relay's address
     * @param path the target, such as {@code /_ws_proxy/1234}
     * @param protocol the Upgrade token
     * @param fields more fields of the request
     * @param streamId the id of the stream
     * @return completes after the 101 with the stream, bytes behind the 101 included; fails with a
     *     {@link io.culvert.tunnel.spi.StreamException} if the relay cannot be reached or answers otherwise
     */
    CompletableFuture<EndPointStream> upgrade(
            URI relay, String path, String protocol, HttpFields fields, String streamId);
}
