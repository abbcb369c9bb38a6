package io.culvert.tunnel.cli.application;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.http.pathmap.ServletPathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.PathMappingsHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** A small web application on a free port of loopback. It stands for any local service and knows nothing of tunnels. */
public final class LocalApplication implements AutoCloseable {
    private static final int MAX_THREADS = 32;

    private final Server server;
    private final ServerConnector connector;

    private LocalApplication(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /**
     * Starts it.
     *
     * @param name names its threads
     * @param paths what answers under which path; an empty one is the root alone
     * @param sockets sets the WebSocket endpoints up
     * @throws TunnelException {@code BIND_FAILED} if it cannot start
     */
    public static LocalApplication start(
            String name, Map<String, Handler> paths, Consumer<ServerWebSocketContainer> sockets) {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
        threads.setName(name);
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);

        PathMappingsHandler mappings = new PathMappingsHandler.NoContext();
        paths.forEach((path, handler) -> mappings.addMapping(new ServletPathSpec(path), handler));
        Handler.Wrapper upgrades = WebSocketUpgradeHandler.from(server, sockets::accept);
        upgrades.setHandler(mappings);
        server.setHandler(upgrades);

        LocalApplication application = new LocalApplication(server, connector);
        try {
            server.start();
        } catch (Exception x) {
            application.close();
            throw new TunnelException(
                    TunnelError.BIND_FAILED,
                    "The command's own application could not start on loopback: " + x.getMessage(),
                    x);
        }
        return application;
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception x) {
            throw new TunnelException(
                    TunnelError.INTERNAL, "The command's own application could not stop: " + x.getMessage(), x);
        }
    }
}
