package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** Any data stream as an EndPoint, so that Jetty's connections can run on it. It is the stream's only user and its listener. */
public class StreamEndPoint extends AbstractEndPoint {
    /** A stream has no addresses; Jetty wants some. */
    private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("tunnel", 0);

    private final DataStream stream;
    private final Executor executor;
    private final Completion written = new Written();
    private final Runnable onReadable = this::readable;

    /** Whether the stream has our callback: it takes one at a time. */
    private final AtomicBoolean awaiting = new AtomicBoolean();

    private volatile @Nullable Throwable failure;

    /** Whether the peer's end was read. Written before the input is shut down for it. */
    private volatile boolean inputEnded;

    /** Whether {@link #failure} tells why it was closed, if it was. */
    private volatile boolean closeKnown;

    /** Guarded by this. While the stream has a buffer of ours nobody is told that the write failed: its owner would use it again. */
    private boolean writing;

    /** Guarded by this. Set when closed during a write: the rest of the closing waits for its completion. */
    private boolean closing;

    /** Guarded by this. */
    private @Nullable Throwable closingCause;

    /** An open EndPoint without a connection yet. */
    public StreamEndPoint(DataStream stream, Scheduler scheduler, Executor executor) {
        super(scheduler);
        this.stream = stream;
        this.executor = executor;
        stream.onClosed(cause -> {
            if (cause != null) {
                close(cause);
            } // else its bytes may not be read yet; the end is seen by reading
        });
    }

    /** The stream's own EndPoint if it has one, else a new one around it. */
    public static EndPoint of(DataStream stream, Scheduler scheduler, Executor executor) {
        return stream.unwrap(EndPoint.class).orElseGet(() -> new StreamEndPoint(stream, scheduler, executor));
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        throwIfFailed();
        if (isInputShutdown()) {
            throwIfCut();
            return -1;
        }
        int position = BufferUtil.flipToFill(buffer);
        int filled;
        try {
            filled = buffer.hasRemaining() ? stream.read(buffer) : 0;
        } finally {
            BufferUtil.flipToFlush(buffer, position);
        }
        if (filled > 0) {
            notIdle();
        } else if (filled < 0) {
            inputEnded = true;
            shutdownInput();
        }
        return filled;
    }

    /** Another thread closes it, perhaps for a failure: that is no end, from its first moment on. */
    private void throwIfCut() throws IOException {
        if (!inputEnded) {
            if (!closeKnown) {
                throw new EofException("closed by another thread: " + stream.id());
            }
            throwIfFailed();
        }
    }

    private void throwIfFailed() throws IOException {
        Throwable failed = failure;
        if (failed instanceof IOException io) {
            throw io;
        }
        if (failed != null) {
            throw new EofException(failed);
        }
    }

    /** Hands the first buffer with content to the stream, which takes one at a time; the write goes on when that one is done. */
    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        for (ByteBuffer buffer : buffers) {
            throwIfFailed();
            if (isWriting()) {
                return false;
            }
            if (isOutputShutdown()) {
                throw new EofException("output is shut down: " + stream.id());
            }
            if (buffer.hasRemaining()) {
                setWriting();
                stream.write(buffer, written);
            }
        }
        throwIfFailed();
        return !isWriting();
    }

    private synchronized boolean isWriting() {
        return writing;
    }

    private synchronized void setWriting() {
        writing = true;
    }

    /** The stream may have completed before Jetty looked: then nobody else would go on with the write. */
    @Override
    protected void onIncompleteFlush() {
        if (!isWriting()) {
            proceed();
        }
    }

    private void proceed() {
        Throwable failed = failure;
        if (failed == null) {
            getWriteFlusher().completeWrite();
        } else {
            getWriteFlusher().onFail(failed);
        }
    }

    @Override
    protected void needsFillInterest() {
        if (awaiting.compareAndSet(false, true)) {
            stream.onReadable(onReadable);
        }
        if (!isOpen()) {
            getFillInterest().onClose(); // it closed before the interest stood: the close has told nobody
        }
    }

    private void readable() {
        awaiting.set(false);
        if (!isFillInterested()) {
            return;
        }
        if (getFillInterest().getCallbackInvocationType() == InvocationType.NON_BLOCKING) {
            getFillInterest().fillable();
            return;
        }
        try {
            executor.execute(() -> getFillInterest().fillable());
        } catch (RejectedExecutionException x) {
            getFillInterest().onFail(x);
        }
    }

    @Override
    protected void doShutdownOutput() {
        stream.end();
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        boolean cut;
        synchronized (this) {
            cut = writing;
            closing = writing;
            closingCause = cause;
        }
        if (cause != null || cut) {
            Throwable why = cause != null ? cause : new EofException("closed during a write: " + stream.id());
            if (failure == null) {
                failure = why;
            }
            closeKnown = true;
            stream.reset(why);
        } else {
            closeKnown = true;
            stream.close();
        }
        if (!cut) {
            closed(cause);
        }
    }

    private void closed(@Nullable Throwable cause) {
        super.onClose(cause);
        Connection connection = getConnection(); // no selector tells it
        if (connection != null) {
            connection.onClose(cause);
        }
    }

    @Override
    public Object getTransport() {
        return stream;
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return NOWHERE;
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return NOWHERE;
    }

    private final class Written implements Completion {
        @Override
        public void succeeded() {
            notIdle();
            done(null);
        }

        @Override
        public void failed(Throwable cause) {
            done(cause);
        }

        private void done(@Nullable Throwable cause) {
            if (cause != null && failure == null) {
                failure = cause;
            }
            boolean close;
            Throwable why;
            synchronized (StreamEndPoint.this) {
                writing = false;
                close = closing;
                why = closingCause;
                closing = false;
            }
            if (close) {
                closed(why);
            } else {
                proceed();
            }
        }
    }
}
