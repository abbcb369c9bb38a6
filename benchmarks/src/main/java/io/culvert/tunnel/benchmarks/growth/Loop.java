package io.culvert.tunnel.benchmarks.growth;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** A thread with a selector, on which everything of its connections happens. */
final class Loop implements AutoCloseable {
    private static final int BACKLOG = 4096;

    /** What a connection reads into and writes from; what is in there does not outlast a call. */
    final ByteBuffer input = ByteBuffer.allocateDirect(256 * 1024);

    /** A second one, for what a connection makes of its input. */
    final ByteBuffer output = ByteBuffer.allocateDirect(256 * 1024);

    private final Selector selector = Selector.open();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile Throwable failure;

    Loop(String name) throws IOException {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Has the loop's thread do something, in order. From any thread. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Fails if the loop's own thread did, which ends it. From any thread. */
    void check() {
        if (failure != null) {
            throw new IllegalStateException("The thread " + thread.getName() + " ended.", failure);
        }
    }

    /** Listens on loopback; returns the port. */
    int listen(Function<SocketChannel, Connection> accepted) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.configureBlocking(false);
        execute(() -> register(listener, SelectionKey.OP_ACCEPT, accepted));
        return listener.socket().getLocalPort();
    }

    /** Registers a channel of a connection. On the loop's thread. */
    SelectionKey register(SelectableChannel channel, int interests, Object attachment) {
        try {
            return channel.register(selector, interests, attachment);
        } catch (IOException x) {
            throw new IllegalStateException("A channel that was just opened is closed.", x);
        }
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(this::ready);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            }
        } catch (IOException | RuntimeException x) {
            failure = x;
        } finally {
            closeAll();
        }
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            try {
                connection.ready();
            } catch (IOException x) {
                connection.fail(x);
            } catch (CancelledKeyException x) {
                return; // closed meanwhile, by itself
            }
        } else {
            accept((ServerSocketChannel) key.channel(), key.attachment());
        }
    }

    private void accept(ServerSocketChannel listener, Object accepted) {
        try {
            for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
                @SuppressWarnings("unchecked") // listen() attached it
                Function<SocketChannel, Connection> connections = (Function<SocketChannel, Connection>) accepted;
                connections.apply(channel).register(SelectionKey.OP_READ);
            }
        } catch (IOException x) {
            throw new IllegalStateException("The local service cannot take connections any more.", x);
        }
    }

    private void closeAll() {
        try {
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException x) {
            failure = failure == null ? x : failure;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException x) {
            throw (IOException) new InterruptedIOException("Interrupted while a loop ends.").initCause(x);
        }
        check();
    }
}
