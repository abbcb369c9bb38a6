package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One data stream on one Unix domain socket.
 *
 * <p>{@link #in} belongs to the reader; while a callback of {@link #onReadable} is registered the reader stays away and it
 * belongs to the loop. {@link #pending} is taken by whoever completes it. All else is atomic.
 */
final class UnixStream implements DataStream, SocketLoop.Handler {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final String id;
    private final Consumer<StreamException> peer;
    private final SocketChannel channel;
    private final SocketLoop.Registration registration;
    private final FrameReader in;
    private final AtomicReference<@Nullable Runnable> readable = new AtomicReference<>();
    private final AtomicReference<@Nullable Write> pending = new AtomicReference<>();
    private final AtomicBoolean endSent = new AtomicBoolean();
    private final AtomicReference<@Nullable StreamException> failure = new AtomicReference<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile boolean closing;
    private volatile boolean abandonReading;
    private volatile boolean outDone;
    private volatile boolean inDone;

    private UnixStream(String id, SocketChannel channel, SocketLoop loop, Consumer<StreamException> peer)
            throws IOException {
        this.id = id;
        this.peer = peer;
        this.channel = channel;
        this.in = new FrameReader(channel);
        this.registration = loop.add(channel, this);
    }

    /**
     * A stream on a connected socket, which it owns from now on.
     *
     * @param peer tells the other half why this one reset the stream
     */
    static UnixStream of(String id, SocketChannel channel, SocketLoop loop, Consumer<StreamException> peer)
            throws IOException {
        try {
            return new UnixStream(id, channel, loop, peer);
        } catch (IOException x) {
            channel.close();
            throw x;
        }
    }

    private record Write(ByteBuffer header, ByteBuffer source, Completion completion) {
        static Write frame(ByteBuffer source, Completion completion) {
            return new Write(ByteBuffer.allocate(Integer.BYTES).putInt(0, source.remaining()), source, completion);
        }

        boolean done() {
            return !header.hasRemaining() && !source.hasRemaining();
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        StreamException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        if (abandonReading) {
            throw new StreamException(TunnelError.CLOSED, "Stream " + id + " was closed before.");
        }
        try {
            int count = in.read(target);
            if (count < 0 && !inDone) {
                inDone = true;
                finishIfDone();
            }
            return count;
        } catch (IOException x) {
            fail(x);
            throw failure.get();
        }
    }

    @Override
    public void onReadable(Runnable callback) {
        if (!readable.compareAndSet(null, callback)) {
            throw new IllegalStateException("Someone waits already for stream " + id + " to become readable.");
        }
        awaitReadable();
    }

    private void awaitReadable() {
        boolean ready = failure.get() != null || inDone || abandonReading;
        try {
            ready = ready || in.prepare();
        } catch (IOException x) {
            fail(x);
            return; // failing told the reader
        }
        if (ready || !registration.want(SelectionKey.OP_READ)) {
            tellReader();
        } else if (failure.get() != null) {
            tellReader(); // it failed before the callback was there to be told
        }
    }

    private void tellReader() {
        Runnable callback = readable.getAndSet(null);
        if (callback != null) {
            callback.run();
        }
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        StreamException failed = failure.get();
        if (failed != null) {
            completion.failed(failed);
        } else if (closing || endSent.get()) {
            completion.failed(new StreamException(TunnelError.CLOSED, "Stream " + id + " was ended before."));
        } else if (!source.hasRemaining()) {
            completion.succeeded();
        } else {
            Write write = Write.frame(source, completion);
            if (pending.compareAndSet(null, write)) {
                flush(write);
            } else {
                completion.failed(new IllegalStateException("A write is outstanding on stream " + id + "."));
            }
        }
    }

    private void flush(Write write) {
        try {
            channel.write(new ByteBuffer[] {write.header(), write.source()});
        } catch (IOException x) {
            fail(x);
            return;
        }
        if (!write.done()) {
            if (!registration.want(SelectionKey.OP_WRITE) || failure.get() != null) {
                failPending();
            }
            return;
        }
        if (pending.compareAndSet(write, null)) {
            write.completion().succeeded();
            if (closing) {
                sendEnd();
            }
        }
    }

    @Override
    public void end() {
        closing = true;
        sendEnd();
    }

    private void sendEnd() {
        Write end = Write.frame(NOTHING, new Completion() {
            @Override
            public void succeeded() {
                outDone = true;
                finishIfDone();
            }

            @Override
            public void failed(Throwable cause) {
                fail(cause);
            }
        });
        if (failure.get() != null || endSent.get() || !pending.compareAndSet(null, end)) {
            return; // over, or on its way, or sent when the outstanding write is done
        }
        if (endSent.compareAndSet(false, true)) {
            flush(end);
        } else {
            pending.set(null);
        }
    }

    @Override
    public void close() {
        closing = true;
        abandonReading = true;
        tellReader();
        sendEnd();
        finishIfDone();
    }

    private void finishIfDone() {
        if (!outDone) {
            return;
        }
        if (inDone) {
            disconnect();
            over.complete(null);
        } else if (abandonReading) {
            over.complete(null);
            if (!registration.want(
                    SelectionKey.OP_READ)) { // what the peer sends next, an end or data, closes the socket
                disconnect();
            }
        }
    }

    @Override
    public void reset(Throwable cause) {
        if (!over.isDone() && fail(cause)) {
            peer.accept(failure.get());
        }
    }

    /** The other half reset the stream. */
    void failedByPeer(StreamException why) {
        fail(why);
    }

    /** Ends both directions, unless that happened before. */
    private boolean fail(Throwable cause) {
        StreamException failed = cause instanceof StreamException s
                ? s
                : new StreamException(StreamException.errorOf(cause), "Stream " + id + " was reset: " + cause, cause);
        if (!failure.compareAndSet(null, failed)) {
            return false;
        }
        disconnect();
        failPending();
        tellReader();
        over.completeExceptionally(failed);
        return true;
    }

    private void failPending() {
        Write write = pending.getAndSet(null);
        if (write != null) {
            StreamException failed = failure.get();
            write.completion()
                    .failed(failed != null ? failed : new StreamException(TunnelError.RESET, "The socket is closed."));
        }
    }

    private void disconnect() {
        try {
            registration.close();
        } catch (IOException x) {
            over.completeExceptionally(x);
        }
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> listener) {
        over.whenComplete((nothing, cause) -> listener.accept(cause));
    }

    @Override
    public void ready(int ops) {
        if ((ops & SelectionKey.OP_WRITE) != 0) {
            Write write = pending.get();
            if (write != null) {
                flush(write);
            }
        }
        if ((ops & SelectionKey.OP_READ) != 0) {
            if (over.isDone()) {
                disconnect();
            } else if (readable.get() != null) {
                awaitReadable();
            }
        }
    }

    @Override
    public void aborted() {
        fail(new StreamException(TunnelError.CLOSED, "The session of stream " + id + " was closed."));
    }
}
