/** The {@code tcp} transport: one dedicated connection for every data stream. */
module io.culvert.tunnel.tcp {
    requires transitive io.culvert.tunnel.api;
    requires io.culvert.tunnel.jetty;
    requires static org.jspecify;
}
