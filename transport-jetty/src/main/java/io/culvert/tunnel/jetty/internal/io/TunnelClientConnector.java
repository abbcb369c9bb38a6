package io.culvert.tunnel.jetty.internal.io;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;

/** A dialler whose connections are {@link TunnelEndPoint}s, whoever dials through it. */
public final class TunnelClientConnector extends ClientConnector {
    @Override
    protected EndPoint newEndPoint(SelectableChannel selectable, ManagedSelector selector, SelectionKey key) {
        return selectable instanceof SocketChannel channel
                ? new TunnelEndPoint(channel, selector, key, getScheduler())
                : super.newEndPoint(selectable, selector, key);
    }
}
