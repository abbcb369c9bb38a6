package io.culvert.tunnel.core.memory;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.stream.Callbacks;
import io.culvert.tunnel.core.internal.stream.CloseNotice;
import io.culvert.tunnel.core.internal.stream.ReadCallback;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One end of a stream in memory. Both ends share a lock; every method changes the state under it and then calls
 * {@link #settle}, which does what is due on either end, without the lock.
 */
public final class MemoryStream implements DataStream {
    private final String id;
    private final Object lock;
    private final Ring in = new Ring(); // guarded by lock
    private @Nullable MemoryStream peer; // set once, before the pair is handed out

    private boolean inEnded; // guarded by lock
    private @Nullable ByteBuffer source; // guarded by lock
    private @Nullable Completion writer; // guarded by lock
    private boolean endWanted; // guarded by lock
    private boolean closed; // guarded by lock
    private @Nullable StreamException failure; // guarded by lock

    private final ReadCallback reader = new ReadCallback(); // guarded by lock
    private final CloseNotice notice = new CloseNotice(); // guarded by lock
    private @Nullable Runnable whenOver; // guarded by lock

    private MemoryStream(String id, Object lock) {
        this.id = id;
        this.lock = lock;
    }

    /** Two ends, connected. */
    public static Pair pair(String id) {
        Object lock = new Object();
        Pair pair = new Pair(new MemoryStream(id, lock), new MemoryStream(id, lock));
        pair.relayEnd.peer = pair.agentEnd;
        pair.agentEnd.peer = pair.relayEnd;
        return pair;
    }

    /**
     * A stream's two ends.
     *
     * @param relayEnd the visitor's side
     * @param agentEnd the local service's side
     */
    public record Pair(MemoryStream relayEnd, MemoryStream agentEnd) {}

    @Override
    public String id() {
        return id;
    }

    @Override
    public int read(ByteBuffer target) throws StreamException {
        int count;
        synchronized (lock) {
            if (failure != null) {
                throw new StreamException(failure.error(), failure.getMessage(), failure);
            }
            if (closed) {
                throw closedHere();
            }
            count = in.get(target);
            if (count == 0 && inEnded && in.isEmpty()) {
                return -1;
            }
        }
        settle();
        return count;
    }

    @Override
    public void onReadable(Runnable callback) {
        synchronized (lock) {
            reader.register(callback);
        }
        settle();
    }

    @Override
    public void write(ByteBuffer bytes, Completion completion) {
        Exception refused = null;
        synchronized (lock) {
            if (failure != null) {
                refused = failure;
            } else if (endWanted) {
                refused = closedHere();
            } else if (writer != null) {
                refused = new IllegalStateException("Stream " + id + " has a write outstanding.");
            } else {
                source = bytes;
                writer = completion;
            }
        }
        if (refused != null) {
            completion.failed(refused);
        } else {
            settle();
        }
    }

    @Override
    public void end() {
        synchronized (lock) {
            endWanted = true;
        }
        settle();
    }

    @Override
    public void close() {
        synchronized (lock) {
            endWanted = true;
            closed = true;
            in.clear();
        }
        settle();
    }

    @Override
    public void reset(Throwable cause) {
        TunnelError error = StreamException.errorOf(cause);
        String words = cause instanceof StreamException ? cause.getMessage() : error.advice();
        synchronized (lock) {
            fail(new StreamException(error, "Stream " + id + " was reset on this side: " + cause.getMessage(), cause));
            peer().fail(new StreamException(error, "Stream " + id + " was reset by the peer: " + words));
        }
        settle();
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> callback) {
        synchronized (lock) {
            notice.listen(callback);
        }
        settle();
    }

    /** Runs once when nothing can happen on this end any more; for the transport's own books. Call before the stream is used. */
    void whenOver(Runnable callback) {
        synchronized (lock) {
            whenOver = callback;
        }
        settle();
    }

    private MemoryStream peer() {
        if (peer == null) {
            throw new IllegalStateException("The pair is not complete.");
        }
        return peer;
    }

    /** Call with the lock. */
    private void fail(StreamException cause) {
        if (failure == null && !finished()) {
            failure = cause;
            in.clear();
        }
    }

    private void settle() {
        act();
        peer().act();
    }

    /** Moves bytes both ways, then tells this end's user what is due, without the lock. */
    private void act() {
        Runnable callback;
        do {
            StreamException failed;
            Completion done = null;
            Consumer<@Nullable Throwable> told;
            Runnable bookkeeper = null;
            synchronized (lock) {
                flush();
                peer().flush();
                failed = failure;
                if (writer != null && (failed != null || source == null)) {
                    done = writer;
                    writer = null;
                    source = null;
                }
                boolean finished = finished();
                if (failed != null || finished || closed && peer().inEnded) {
                    notice.over(failed);
                }
                told = notice.take();
                if (failed != null || finished) {
                    bookkeeper = whenOver;
                    whenOver = null;
                }
                callback = reader.take(failed != null || closed || inEnded || !in.isEmpty());
            }
            if (bookkeeper != null) {
                bookkeeper.run();
            }
            if (done != null) {
                Callbacks.complete(done, failed);
            }
            if (callback != null) {
                Callbacks.run(callback, this);
                synchronized (lock) {
                    reader.returned();
                }
            }
            if (told != null) {
                Callbacks.tell(told, notice.outcome());
            }
        } while (callback != null);
    }

    /** Moves what is to be written into the peer's ring. Call with the lock. */
    private void flush() {
        MemoryStream to = peer();
        if (failure != null || to.failure != null) {
            return;
        }
        if (source != null && source.hasRemaining()) {
            if (to.closed) {
                String words = "Stream " + id + " is closed by its reader, which takes no more bytes.";
                fail(new StreamException(TunnelError.RESET, words));
                to.fail(new StreamException(TunnelError.RESET, words));
                return;
            }
            to.in.put(source);
        }
        if (source == null || !source.hasRemaining()) {
            source = null;
            to.inEnded |= endWanted;
        }
    }

    /** Whether both directions came to their end. Call with the lock. */
    private boolean finished() {
        return inEnded && in.isEmpty() && peer().inEnded;
    }

    private StreamException closedHere() {
        return new StreamException(TunnelError.CLOSED, "Stream " + id + " was closed or ended on this side.");
    }
}
