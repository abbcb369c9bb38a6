package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.NanoTime;

/**
 * The tunnels' own ports. All accept for the same connector, so a port costs a socket and no thread, and closing one leaves the
 * connections that came in on it alone. Thread-safe.
 */
final class PortListeners {
    private static final int BACKLOG = 1024;

    /** For what a selector's thread does soon, on a busy machine too. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private static final long RETRY_NANOS = 100_000;

    private final String bind;
    private final ServerConnector connector;
    private final Map<Integer, Listener> listeners = new ConcurrentHashMap<>();
    private final Set<Integer> lately = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private record Listener(ServerSocketChannel channel, Closeable acceptor) {
        void close() {
            IO.close(acceptor);
            IO.close(channel);
        }
    }

    /** For a connector that accepts without threads of its own. */
    PortListeners(String bind, ServerConnector connector) {
        this.bind = bind;
        this.connector = connector;
    }

    /** A socket that listens; {@code BIND_FAILED} if it cannot be had. */
    static ServerSocketChannel bind(String host, int port) {
        ServerSocketChannel channel = null;
        try {
            channel = ServerSocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(host, port), BACKLOG);
            return channel;
        } catch (IOException | UnresolvedAddressException | SecurityException x) {
            IO.close(channel);
            throw new TunnelException(
                    TunnelError.BIND_FAILED,
                    "Cannot listen on " + host + ":" + port + " (" + x.getMessage()
                            + "). Choose another port or address, or stop what uses it.",
                    x);
        }
    }

    int open(int wanted) {
        ServerSocketChannel channel = lately.remove(wanted) ? bindAgain(wanted) : bind(bind, wanted);
        try {
            channel.configureBlocking(false);
            int port = channel.socket().getLocalPort();
            Listener listener =
                    new Listener(channel, connector.getSelectorManager().acceptor(channel));
            awaitRegistered(channel);
            listeners.put(port, listener);
            if (closed) {
                close(port);
                throw new TunnelException(
                        TunnelError.CLOSED, "Cannot listen on " + bind + ":" + wanted + ": the relay is closed.");
            }
            return port;
        } catch (IOException x) {
            IO.close(channel);
            throw new TunnelException(TunnelError.BIND_FAILED, "Cannot listen on " + bind + ":" + wanted + ".", x);
        }
    }

    /** Jetty warns of a channel that is closed before its selector has it. */
    static void awaitRegistered(ServerSocketChannel channel) {
        long start = NanoTime.now();
        while (!channel.isRegistered() && isSoon(start)) {
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** A port that was closed lately is free as soon as its selector has seen that. */
    private ServerSocketChannel bindAgain(int port) {
        long start = NanoTime.now();
        while (isSoon(start)) {
            try {
                return bind(bind, port);
            } catch (TunnelException x) {
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        return bind(bind, port);
    }

    private static boolean isSoon(long start) {
        return NanoTime.since(start) < SOON.toNanos();
    }

    void close(int port) {
        Listener listener = listeners.remove(port);
        if (listener != null) {
            lately.add(port);
            listener.close();
        }
    }

    void closeAll() {
        closed = true;
        listeners.keySet().forEach(this::close);
    }
}
