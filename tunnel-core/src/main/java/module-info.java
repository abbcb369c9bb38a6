/** Both roles without a socket: sessions, registry, link, message codec, multiplexer, in-memory transport. */
@SuppressWarnings("module") // the modules that the qualified exports name are built after this one
module io.culvert.tunnel.core {
    requires transitive io.culvert.tunnel.api;
    requires com.fasterxml.jackson.databind;
    requires jdk.jfr;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.culvert.tunnel.core to
            io.culvert.tunnel.jetty,
            io.culvert.tunnel.testkit;
    exports io.culvert.tunnel.core.internal to
            io.culvert.tunnel.testkit;
    exports io.culvert.tunnel.core.internal.channel to
            io.culvert.tunnel.testkit;
    exports io.culvert.tunnel.core.internal.codec to
            io.culvert.tunnel.testkit;
    exports io.culvert.tunnel.core.mux to
            io.culvert.tunnel.jetty,
            io.culvert.tunnel.testkit;
    exports io.culvert.tunnel.core.net to
            io.culvert.tunnel.jetty,
            io.culvert.tunnel.testkit;

    uses io.culvert.tunnel.spi.TransportProvider;

    provides io.culvert.tunnel.spi.TransportProvider with
            io.culvert.tunnel.core.memory.MemoryTransportProvider;
}
