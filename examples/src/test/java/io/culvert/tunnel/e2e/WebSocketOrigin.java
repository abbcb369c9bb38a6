package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** A WebSocket server without limits, as the local service. It negotiates permessage-deflate and the subprotocol {@code chat}. */
final class WebSocketOrigin implements AutoCloseable {
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server, 1, 1);
    private final BlockingQueue<WebSocketPeer> peers = new LinkedBlockingQueue<>();

    private WebSocketOrigin(Supplier<WebSocketPeer> peer) throws Exception {
        connector.setHost("127.0.0.1");
        connector.setAcceptQueueSize(1024);
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
            container.setMaxBinaryMessageSize(0);
            container.setMaxTextMessageSize(0);
            container.setMaxFrameSize(0);
            container.setIdleTimeout(Duration.ZERO);
            container.addMapping("/*", (request, response, callback) -> {
                if (request.getSubProtocols().contains("chat")) {
                    response.setAcceptedSubProtocol("chat");
                }
                WebSocketPeer made = peer.get();
                peers.add(made);
                return made;
            });
        }));
        server.start();
    }

    static WebSocketOrigin start(Supplier<WebSocketPeer> peer) throws Exception {
        return new WebSocketOrigin(peer);
    }

    static WebSocketOrigin echo() throws Exception {
        return start(() -> new WebSocketPeer.Whole(true));
    }

    int port() {
        return connector.getLocalPort();
    }

    /** The service's end of the next connection, in the order in which they came. */
    WebSocketPeer nextPeer() throws InterruptedException {
        WebSocketPeer peer = peers.poll(30, TimeUnit.SECONDS);
        assertThat(peer).as("the next connection").isNotNull();
        return peer;
    }

    List<WebSocketPeer> peers() {
        return List.copyOf(peers);
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
