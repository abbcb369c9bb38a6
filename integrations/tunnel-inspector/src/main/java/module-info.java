/** Pages: what passes through an agent's tunnels, and what goes on at a relay. */
module io.culvert.tunnel.inspector {
    requires transitive io.culvert.tunnel.api;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires org.eclipse.jetty.server;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.culvert.tunnel.inspector;
    exports io.culvert.tunnel.overview;
}
