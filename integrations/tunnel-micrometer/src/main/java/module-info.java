/** Measurements of relays and agents as Micrometer's meters. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no descriptor
module io.culvert.tunnel.micrometer {
    requires transitive io.culvert.tunnel.api;
    requires transitive micrometer.core;
    requires static org.jspecify;

    exports io.culvert.tunnel.micrometer;
}
