package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.jetty.EndPointStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A listener that hands out what connects, as a stream, with a buffer pool that knows who forgot what. */
final class RawListener implements AutoCloseable {
    final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
    private final Server server;
    private final TunnelConnector connector;
    private final BlockingQueue<EndPointStream> accepted = new LinkedBlockingQueue<>();

    /** With a factory of TLS in front, or without. */
    RawListener(@Nullable ConnectionFactory tls) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool(8, 1);
        threads.setDaemon(true);
        server = new Server(threads, null, buffers);
        ConnectionFactory raw = new AbstractConnectionFactory("raw") {
            @Override
            public Connection newConnection(Connector c, EndPoint endPoint) {
                return new EndPointStream("test", endPoint, c.getExecutor(), accepted::add).connection();
            }
        };
        connector = tls == null ? new TunnelConnector(server, 1, 2, raw) : new TunnelConnector(server, 1, 2, tls, raw);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setStopTimeout(0);
        server.start();
    }

    Server server() {
        return server;
    }

    int port() {
        return connector.getLocalPort();
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** The listener's end of the connection made last. */
    EndPointStream accepted() throws InterruptedException {
        EndPointStream next = accepted.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nobody connected");
        }
        return next;
    }

    int open() {
        return connector.getConnectedEndPoints().size();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
