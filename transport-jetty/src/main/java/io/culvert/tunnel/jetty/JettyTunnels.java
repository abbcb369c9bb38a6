package io.culvert.tunnel.jetty;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.jetty.internal.JettyTunnelProvider;
import io.culvert.tunnel.jetty.internal.serve.StreamConnector;
import io.culvert.tunnel.spi.StreamService;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;

/**
 * Tunnels that end in a Jetty {@link Server} instead of a port: requests, WebSockets included, come straight from the tunnel's streams, and
 * the server needs no socket of its own.
 *
 * <pre>{@code
 * Server server = new Server();
 * server.setHandler(handler);
 * server.start();
 * try (Tunnel tunnel = JettyTunnels.expose(server)) {
 *     System.out.println(tunnel.publicUrl());
 * }
 * }</pre>
 */
public final class JettyTunnels {
    private JettyTunnels() {}

    /**
     * Exposes the server as {@link io.culvert.tunnel.TunnelAgent#expose(int)} exposes a port: with relay and token from the configuration, or
     * an embedded relay.
     *
     * @param server started or not; while it is not, visitors meet 502. It is not stopped with the tunnel
     * @return the tunnel; closing it also closes the agent that was made for it
     * @throws io.culvert.tunnel.TunnelException if the relay cannot be reached within 10 s or refuses
     */
    public static Tunnel expose(Server server) {
        StreamConnector connector = StreamConnector.of(server);
        try {
            Tunnel tunnel = new JettyTunnelProvider()
                    .expose(TunnelSpec.builder(connector).build());
            tunnel.closed().whenComplete((done, failure) -> connector.close());
            return tunnel;
        } catch (RuntimeException x) {
            connector.close();
            throw x;
        }
    }

    /**
     * The server as a service for {@link TunnelSpec#builder(StreamService)}, for an agent or a tunnel with options of one's own. Requests
     * are HTTP/1.1, their scheme, host and remote address those of the visitor, as the relay reports them ({@code X-Forwarded-*}).
     *
     * @param server gets a connector that opens no socket; it stays there
     */
    public static StreamService service(Server server) {
        return StreamConnector.of(server);
    }

    /**
     * The same with a protocol of one's own.
     *
     * @param protocol makes the connections; usually an {@link HttpConnectionFactory} with the application's {@link HttpConfiguration}
     */
    public static StreamService service(Server server, ConnectionFactory protocol) {
        return StreamConnector.of(server, protocol);
    }
}
