package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.core.net.PublicTunnel;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * One tunnel's kept-alive streams that wait for a request; the last one used is the first one used again. Its size is bounded by the relay's
 * limit of streams for each tunnel. Thread-safe.
 */
final class StreamPool {
    private final PublicTunnel tunnel;
    private final ConcurrentLinkedDeque<UpstreamConnection> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    StreamPool(PublicTunnel tunnel) {
        this.tunnel = tunnel;
    }

    PublicTunnel tunnel() {
        return tunnel;
    }

    /** A stream to use now, if one waits. It belongs to the caller then. */
    @Nullable
    UpstreamConnection poll() {
        UpstreamConnection connection;
        do {
            connection = idle.pollFirst();
        } while (connection != null && !connection.take());
        return connection;
    }

    /** A stream that waits from now on. */
    void offer(UpstreamConnection connection) {
        idle.addFirst(connection);
        if (closed) {
            closeIdle();
        }
    }

    /** A waiting stream has ended. */
    void remove(UpstreamConnection connection) {
        idle.remove(connection);
    }

    /** The tunnel has ended: closes waiting streams, and others as soon as they would wait. */
    void close() {
        closed = true;
        closeIdle();
    }

    private void closeIdle() {
        UpstreamConnection connection;
        while ((connection = poll()) != null) {
            connection.close();
        }
    }
}
