/** The {@code tcp} transport: one dedicated connection for every data stream. */
module io.culvert.tunnel.tcp {
    requires transitive io.culvert.tunnel.api;
    requires io.culvert.tunnel.jetty;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.culvert.tunnel.tcp;

    provides io.culvert.tunnel.spi.TransportProvider with
            io.culvert.tunnel.tcp.DedicatedTcpTransportProvider;
}
