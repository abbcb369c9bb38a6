package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.jetty.internal.io.Pump;
import io.culvert.tunnel.jetty.internal.io.Resets;
import io.culvert.tunnel.jetty.internal.io.StreamEndPoint;
import io.culvert.tunnel.spi.DataStream;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;

/** A connection to the local service that waits to be joined. Nothing is read from it before. */
final class LocalSocket extends AbstractConnection.NonBlocking implements MeteredConnection {
    private final ClientConnector connector;

    LocalSocket(EndPoint endPoint, ClientConnector connector) {
        super(endPoint, connector.getExecutor());
        this.connector = connector;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0);
    }

    @Override
    public void join(DataStream stream, StreamMeter meter) {
        EndPoint relayed = StreamEndPoint.of(stream, connector.getScheduler(), connector.getExecutor());
        new Pump(getEndPoint(), relayed, meter, connector.getByteBufferPool(), connector.getExecutor(), cause -> {})
                .start();
    }

    @Override
    public void abandon(Throwable cause) {
        Resets.abort(getEndPoint(), cause);
    }

    @Override
    public void onFillable() {
        // The pump registers callbacks of its own.
    }
}
