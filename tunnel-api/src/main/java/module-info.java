/** The public face of Culvert: facade, protocol messages and the transport SPI. Depends on nothing but the JDK. */
module io.culvert.tunnel.api {
    requires java.naming;
    requires static transitive org.jspecify;

    exports io.culvert.tunnel;
    exports io.culvert.tunnel.capture;
    exports io.culvert.tunnel.message;
    exports io.culvert.tunnel.spi;

    uses io.culvert.tunnel.spi.TunnelProvider;
}
