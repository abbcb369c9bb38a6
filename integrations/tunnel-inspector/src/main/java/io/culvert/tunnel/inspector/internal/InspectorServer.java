package io.culvert.tunnel.inspector.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.capture.Traffic;
import java.net.URI;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inspector's own small server, on loopback. */
public final class InspectorServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InspectorServer.class);
    private static final int MAX_THREADS = 16;
    private static final long IDLE_MILLIS = 60_000;

    private final Server server;
    private final int port;

    /**
     * Starts listening.
     *
     * @throws TunnelException {@code BIND_FAILED} if the port cannot be had
     */
    public InspectorServer(Traffic traffic, int wanted) {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("culvert-inspector");
        threads.setDaemon(true);
        server = new Server(threads);
        server.setStopTimeout(0);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 0, 1, new HttpConnectionFactory(configuration));
        connector.setHost("127.0.0.1");
        connector.setPort(wanted);
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(connector);
        try {
            connector.open();
            port = connector.getLocalPort();
            server.setHandler(new InspectorHandler(traffic, new Door(port)));
            server.start();
        } catch (Exception x) {
            stop();
            throw new TunnelException(
                    TunnelError.BIND_FAILED,
                    "The inspector cannot listen on 127.0.0.1:" + wanted + ". Choose another port, or 0 for any.",
                    x);
        }
    }

    /** Where the page is. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() {
        stop();
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception x) {
            LOG.warn("The inspector did not stop cleanly", x);
        } finally {
            server.destroy();
        }
    }
}
