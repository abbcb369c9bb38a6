/** The edge, the control channel and the {@code control} transport, on Jetty. */
module io.culvert.tunnel.jetty {
    requires transitive io.culvert.tunnel.api;
    requires io.culvert.tunnel.core;
    requires jdk.net;
    requires org.eclipse.jetty.client;
    requires transitive org.eclipse.jetty.server;
    requires org.eclipse.jetty.websocket.client;
    requires org.eclipse.jetty.websocket.common;
    requires org.eclipse.jetty.websocket.server;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.culvert.tunnel.jetty;

    opens io.culvert.tunnel.jetty.internal.channel;

    provides io.culvert.tunnel.spi.TransportProvider with
            io.culvert.tunnel.jetty.internal.control.ControlTransportProvider;
    provides io.culvert.tunnel.spi.TunnelProvider with
            io.culvert.tunnel.jetty.internal.JettyTunnelProvider;
}
