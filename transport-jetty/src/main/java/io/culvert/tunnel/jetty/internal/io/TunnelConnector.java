package io.culvert.tunnel.jetty.internal.io;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A listener whose connections are {@link TunnelEndPoint}s. */
public final class TunnelConnector extends ServerConnector {
    private final ConnectionLimit limit;

    /** A listener on the server's own executor, scheduler and buffer pool, for any number of connections. */
    public TunnelConnector(Server server, int acceptors, int selectors, ConnectionFactory... factories) {
        this(server, acceptors, selectors, ConnectionLimit.NONE, factories);
    }

    /** A listener for so many connections. */
    public TunnelConnector(
            Server server, int acceptors, int selectors, ConnectionLimit limit, ConnectionFactory... factories) {
        super(server, acceptors, selectors, factories);
        this.limit = limit;
    }

    @Override
    protected void onEndPointOpened(EndPoint endPoint) {
        super.onEndPointOpened(endPoint);
        if (!limit.enter(endPoint)) {
            endPoint.close();
        }
    }

    @Override
    protected void onEndPointClosed(EndPoint endPoint) {
        limit.leave(endPoint);
        super.onEndPointClosed(endPoint);
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        TunnelEndPoint endPoint = new TunnelEndPoint(channel, selector, key, getScheduler());
        endPoint.setIdleTimeout(getIdleTimeout());
        return endPoint;
    }
}
