/** Tools for tests: for applications that use a tunnel and for authors of transports. */
module io.culvert.tunnel.testkit {
    requires transitive io.culvert.tunnel.api;
    requires io.culvert.tunnel.core;
    requires static transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports io.culvert.tunnel.testkit;
    exports io.culvert.tunnel.testkit.fault;
    exports io.culvert.tunnel.testkit.junit;
    exports io.culvert.tunnel.testkit.recording;

    uses io.culvert.tunnel.spi.TunnelProvider;
}
