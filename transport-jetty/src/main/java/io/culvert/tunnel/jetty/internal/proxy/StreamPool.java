package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.jetty.internal.io.StreamEndPoint;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.BiConsumer;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * One tunnel's kept-alive streams that wait for a request; the last one used is the first one used again. Its size is bounded by the relay's
 * limit of streams for each tunnel. Thread-safe.
 */
final class StreamPool {
    private final PublicTunnel tunnel;
    private final ProxyContext context;
    private final ConcurrentLinkedDeque<UpstreamConnection> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    StreamPool(PublicTunnel tunnel, ProxyContext context) {
        this.tunnel = tunnel;
        this.context = context;
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

    /**
     * Opens a stream.
     *
     * @param kind one for an upgrade is never kept
     * @param onOpen is given the stream, which belongs to the caller then, or why there is none; on any thread
     */
    void open(StreamKind kind, BiConsumer<@Nullable UpstreamConnection, @Nullable Throwable> onOpen) {
        tunnel.open(kind).whenComplete((opened, failure) -> {
            if (opened == null) {
                onOpen.accept(null, failure);
                return;
            }
            UpstreamConnection fresh;
            try {
                fresh = connect(kind, opened);
            } catch (RuntimeException x) { // it closed in the meantime
                opened.stream().reset(x);
                onOpen.accept(null, x);
                return;
            }
            onOpen.accept(fresh, null);
        });
    }

    private UpstreamConnection connect(StreamKind kind, OpenStream opened) {
        EndPoint endPoint = StreamEndPoint.of(opened.stream(), context.scheduler(), context.executor());
        StreamPool keeper = kind == StreamKind.HTTP ? this : null;
        UpstreamConnection fresh = new UpstreamConnection(endPoint, opened.meter(), keeper, context);
        fresh.install();
        return fresh;
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
