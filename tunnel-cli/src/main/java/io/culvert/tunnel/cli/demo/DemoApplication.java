package io.culvert.tunnel.cli.demo;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.time.Duration;
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

/**
 * A small web application on a free port of loopback: a page, JSON, an upload, server-sent events and a WebSocket chat. It stands
 * for any local service and knows nothing of tunnels.
 */
final class DemoApplication implements AutoCloseable {
    private static final int MAX_THREADS = 32;
    private static final int MAX_CHAT_MESSAGE = 128 * 1024;
    private static final int MAX_QUEUED_FRAMES = 256;

    private final Server server;
    private final ServerConnector connector;

    private DemoApplication(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /** Starts it. */
    static DemoApplication start() {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
        threads.setName("culvert-demo");
        threads.setDaemon(true);
        Server server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);

        PathMappingsHandler paths = new PathMappingsHandler.NoContext();
        paths.addMapping(new ServletPathSpec(""), new PageHandler()); // the root alone
        paths.addMapping(new ServletPathSpec("/status"), new StatusHandler());
        paths.addMapping(new ServletPathSpec("/upload"), new UploadHandler());
        paths.addMapping(new ServletPathSpec("/events"), new EventsHandler());
        Handler.Wrapper upgrades = WebSocketUpgradeHandler.from(server, DemoApplication::chat);
        upgrades.setHandler(paths);
        server.setHandler(upgrades);

        DemoApplication application = new DemoApplication(server, connector);
        try {
            server.start();
        } catch (Exception x) {
            application.close();
            throw new TunnelException(
                    TunnelError.BIND_FAILED, "The demo's own application could not start: " + x.getMessage(), x);
        }
        return application;
    }

    private static void chat(ServerWebSocketContainer container) {
        ChatRoom room = new ChatRoom();
        container.setMaxTextMessageSize(MAX_CHAT_MESSAGE);
        container.setMaxOutgoingFrames(MAX_QUEUED_FRAMES);
        container.setIdleTimeout(Duration.ZERO); // people think between two lines
        container.addMapping("/chat", (request, response, callback) -> new ChatMember(room));
    }

    /** The port it listens on. */
    int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception x) {
            throw new TunnelException(
                    TunnelError.INTERNAL, "The demo's own application could not stop: " + x.getMessage(), x);
        }
    }
}
