package io.culvert.tunnel.jetty.internal.channel;

import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.jetty.internal.io.TunnelConnector;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** A relay's listener with nothing but a control channel. */
public final class CarrierServer implements AutoCloseable {
    private final Server server;
    private final TunnelConnector connector;
    private final BlockingQueue<Side> sides = new LinkedBlockingQueue<>();

    /** The relay's side of a control channel. */
    public record Side(
            Carrier carrier,
            RecordingListener listener,
            @Nullable String authorization) {}

    /** Listens at once. */
    public CarrierServer() throws Exception {
        this(Duration.ofSeconds(30));
    }

    /** Listens at once, for connections that may be idle for so long before they are a control channel. */
    public CarrierServer(Duration idle) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool(16, 1);
        threads.setDaemon(true);
        server = new Server(threads);
        connector = new TunnelConnector(server, 1, 1, new HttpConnectionFactory());
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(idle.toMillis());
        server.addConnector(connector);
        server.setStopTimeout(0);
        server.setHandler(WebSocketUpgradeHandler.from(
                server,
                container -> container.addMapping("/_tunnel/control", (request, response, callback) -> {
                    String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
                    return new WebSocketCarrier(carrier -> {
                        RecordingListener listener = new RecordingListener();
                        sides.add(new Side(carrier, listener, authorization));
                        return listener;
                    });
                })));
        server.start();
    }

    /** Where it listens. */
    public URI uri() {
        return URI.create("ws://127.0.0.1:" + connector.getLocalPort());
    }

    /** A bare connection. */
    public Socket connect() throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true); // what is written has left when the connection is reset
        return socket;
    }

    /** The next channel's side; waits for it. */
    public Side next() throws InterruptedException {
        Side side = sides.poll(20, TimeUnit.SECONDS);
        if (side == null) {
            throw new AssertionError("no control channel came");
        }
        return side;
    }

    /** How many connections are open. */
    public int open() {
        return connector.getConnectedEndPoints().size();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
