package io.culvert.tunnel.jetty.internal.serve;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.jetty.internal.io.StreamEndPoint;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamService;
import java.util.List;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.ForwardedRequestCustomizer;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connector whose connections are a tunnel's streams. It accepts nothing by itself and has no thread. */
public final class StreamConnector extends AbstractConnector implements StreamService, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamConnector.class);

    private StreamConnector(Server server, ConnectionFactory protocol) {
        super(server, null, null, null, 0, protocol);
    }

    /** A connector of the server, with HTTP/1.1. Forwarding fields are believed: the relay replaces what visitors send under their names. */
    public static StreamConnector of(Server server) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer(new ForwardedRequestCustomizer());
        return of(server, new HttpConnectionFactory(configuration));
    }

    /** A connector of the server, started if the server is; it uses the server's threads, scheduler and buffers. */
    public static StreamConnector of(Server server, ConnectionFactory protocol) {
        StreamConnector connector = new StreamConnector(server, protocol);
        connector.enter();
        return connector;
    }

    private void enter() {
        Server server = getServer();
        server.addConnector(this);
        if (server.isRunning()) {
            try {
                start();
            } catch (Exception x) {
                server.removeConnector(this);
                throw new TunnelException(
                        TunnelError.INTERNAL, "The server could not be given a connector for the tunnel: " + x, x);
            }
        }
    }

    /** Ends its connections and is none of the server's connectors any more. */
    @Override
    public void close() {
        try {
            stop();
        } catch (Exception x) {
            LOG.warn("A tunnel's connector did not stop cleanly", x);
        }
        getServer().removeConnector(this);
    }

    @Override
    public boolean isServing() {
        return isRunning() && getServer().isRunning() && !isShutdown();
    }

    @Override
    public void serve(DataStream stream) {
        if (!isServing()) {
            stream.reset(new StreamException(TunnelError.LOCAL_REFUSED, "The server inside this process is stopped."));
            return;
        }
        StreamEndPoint endPoint = new Served(stream);
        endPoint.setIdleTimeout(getIdleTimeout());
        Connection connection = getDefaultConnectionFactory().newConnection(this, endPoint);
        endPoint.setConnection(connection);
        endPoint.onOpen();
        onEndPointOpened(endPoint);
        connection.onOpen();
    }

    /** Connections that are still open are cut, which must not look like an end. */
    @Override
    protected void doStop() throws Exception {
        super.doStop();
        List.copyOf(getConnectedEndPoints()).forEach(endPoint -> endPoint.close(new EofException("the server stops")));
    }

    @Override
    protected void accept(int acceptorId) {
        throw new IllegalStateException("There is nothing to accept from.");
    }

    /** There is none below the streams. */
    @Override
    public @Nullable Object getTransport() {
        return null;
    }

    /** A stream as one of the connector's connections, until it closes. */
    private final class Served extends StreamEndPoint {
        private Served(DataStream stream) {
            super(stream, StreamConnector.this.getScheduler(), StreamConnector.this.getExecutor());
        }

        @Override
        public void onClose(@Nullable Throwable cause) {
            super.onClose(cause);
            onEndPointClosed(this);
        }
    }
}
