package io.culvert.tunnel.jetty.internal.io;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.thread.Scheduler;

/** TCP for Jetty's client side, with {@link TunnelEndPoint}s. */
public final class TunnelTcp extends Transport.TCPIP {
    /** The only one: Jetty's client pools connections by transport. */
    public static final TunnelTcp INSTANCE = new TunnelTcp();

    private TunnelTcp() {}

    @Override
    public EndPoint newEndPoint(
            Scheduler scheduler, ManagedSelector selector, SelectableChannel selectable, SelectionKey key) {
        return new TunnelEndPoint((SocketChannel) selectable, selector, key, scheduler);
    }
}
