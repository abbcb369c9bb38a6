package io.culvert.tunnel.benchmarks;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A local WebSocket service on Jetty. {@code /echo} sends binary messages back; {@code /source} answers the text
 * {@code "COUNT SIZE"} with that many binary messages of that size.
 */
final class WebSocketService {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketService.class);

    private final Server server;
    private final ServerConnector connector;

    WebSocketService() throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool(16);
        threads.setName("local-websocket");
        threads.setDaemon(true);
        server = new Server(threads, new ScheduledExecutorScheduler("local-websocket-scheduler", true), null);
        connector = new ServerConnector(server, 1, 1);
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, WebSocketService::addMappings));
        server.start();
    }

    private static void addMappings(ServerWebSocketContainer container) {
        container.addMapping("/echo", (request, response, callback) -> new Echo());
        container.addMapping("/source", (request, response, callback) -> new Source());
    }

    int port() {
        return connector.getLocalPort();
    }

    void close() throws Exception {
        server.stop();
    }

    private static void report(Throwable failure) {
        LOG.debug("A message of the local WebSocket service was not sent", failure);
    }

    /** Sends every binary message back. */
    public static final class Echo extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            getSession().sendBinary(payload, callback);
        }
    }

    /** Sends as many messages as it is asked for. */
    public static final class Source extends Session.Listener.AbstractAutoDemanding {
        @Override
        public void onWebSocketText(String wish) {
            int space = wish.indexOf(' ');
            int count = Integer.parseInt(wish.substring(0, space));
            int size = Integer.parseInt(wish.substring(space + 1));
            new Messages(getSession(), count, LocalService.randomBytes(size)).iterate();
        }
    }

    /** Sends messages one after the other. */
    private static final class Messages extends IteratingCallback {
        private final Session session;
        private final ByteBuffer message;
        private int left;

        Messages(Session session, int count, byte[] message) {
            this.session = session;
            this.message = ByteBuffer.wrap(message);
            left = count;
        }

        @Override
        protected Action process() {
            if (left == 0) {
                return Action.SUCCEEDED;
            }
            left--;
            session.sendBinary(message.duplicate(), Callback.from(this::succeeded, this::failed));
            return Action.SCHEDULED;
        }

        @Override
        protected void onFailure(Throwable cause) {
            report(cause);
        }
    }
}
