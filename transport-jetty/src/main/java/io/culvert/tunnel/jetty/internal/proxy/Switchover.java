package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.jetty.internal.io.Pump;
import java.util.concurrent.atomic.AtomicReference;

/** What follows a 101: the stream and the visitor's connection are joined, and nobody looks at the bytes any more. */
final class Switchover {
    private static final Runnable NOTHING = () -> {};
    private static final String WEBSOCKET = "websocket";

    private final Runnable over;
    private final boolean speaksWebSocket;
    private final Pump pump;

    /** How to stop waiting for the tunnel's farewell; null until it waits, {@link #NOTHING} once the pump is done. */
    private final AtomicReference<Runnable> unregister = new AtomicReference<>();

    /**
     * A switch that has not happened yet.
     *
     * @param over run once, when both connections are closed
     */
    Switchover(ProxyContext context, UpstreamConnection upstream, Visitor visitor, String protocol, Runnable over) {
        this.over = over;
        this.speaksWebSocket = protocol.equals(WEBSOCKET);
        this.pump = new Pump(
                upstream.getEndPoint(),
                visitor.endPoint(),
                upstream.meter(),
                context.buffers(),
                context.executor(),
                cause -> done());
        if (speaksWebSocket) {
            pump.speaksWebSocket();
        }
    }

    /** Not started; it counts as an open exchange until it is done. */
    Pump pump() {
        return pump;
    }

    /** Has the pump say farewell in the words of the protocol when the tunnel is about to go. */
    void awaitFarewell(PublicTunnel tunnel) {
        if (speaksWebSocket) {
            Runnable registered = tunnel.onFarewell(pump::farewell);
            if (!unregister.compareAndSet(null, registered)) {
                registered.run();
            }
        }
    }

    private void done() {
        over.run();
        Runnable registered = unregister.getAndSet(NOTHING);
        if (registered != null) {
            registered.run();
        }
    }
}
