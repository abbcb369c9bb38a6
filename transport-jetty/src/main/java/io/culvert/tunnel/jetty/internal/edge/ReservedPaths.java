package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.jetty.internal.io.ConnectionLimit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.LifeCycle;

/** The handlers that transports bring along, by path prefix. Thread-safe. */
final class ReservedPaths implements JettyRelayHost {
    private final Server server;
    private final RelayFace face;
    private final AgentAddresses addresses;
    private final ConnectionLimit connections;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();

    ReservedPaths(Server server, RelayFace face, AgentAddresses addresses, ConnectionLimit connections) {
        this.server = server;
        this.face = face;
        this.addresses = addresses;
        this.connections = connections;
    }

    @Override
    public <H extends Handler> H reserved(String pathPrefix, Class<H> type, Supplier<H> handler) {
        Handler present = handlers.computeIfAbsent(pathPrefix, prefix -> {
            H made = handler.get();
            made.setServer(server);
            LifeCycle.start(made);
            return made;
        });
        return type.cast(present);
    }

    @Override
    public void admitted(Request request) {
        connections.agents(request.getConnectionMetaData().getConnection().getEndPoint());
    }

    @Override
    public long refused(Request request) {
        return addresses.of(request).map(face::dataConnectionRefused).orElse(0L);
    }

    /** The handler whose prefix the path begins with. */
    Optional<Handler> find(String path) {
        for (Map.Entry<String, Handler> entry : handlers.entrySet()) {
            if (path.startsWith(entry.getKey())) {
                return Optional.of(entry.getValue());
            }
        }
        return Optional.empty();
    }

    void stop() {
        handlers.values().forEach(handler -> LifeCycle.stop((Object) handler));
    }
}
