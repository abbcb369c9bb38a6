package io.culvert.tunnel.core.internal.channel;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.internal.codec.TextBuffer;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control channel's queue of what to send: messages first, then data, one frame outstanding on the carrier. It outlives
 * carriers: one is attached after the other.
 *
 * <p>Whoever makes work sends it on the calling thread, as long as nobody else is at it; so does the thread that completes a
 * frame. After {@link #BATCH} frames at a stretch the work goes to the executor, so that nobody's thread is held.
 */
public final class SendQueue implements ControlChannel {
    /** How many messages of {@link #send} may wait. More means that the peer does not read. */
    public static final int MAX_MESSAGES = 4096;

    /** How many bytes the messages of {@link #send} may have that wait: a mebibyte, less on a small heap, as there may be many queues. */
    public static final int MAX_BYTES =
            (int) Math.min(1 << 20, Math.max(1 << 16, Runtime.getRuntime().maxMemory() / 256));

    /** Frames that one thread sends before it hands the work to the executor. */
    static final int BATCH = 32;

    private static final Logger LOG = LoggerFactory.getLogger(SendQueue.class);

    private final MessageCodec codec;
    private final Executor executor;
    private final Object lock = new Object();

    private final Deque<ByteBuffer> messages = new ArrayDeque<>(); // guarded by lock
    private long messageBytes; // guarded by lock
    private final Deque<Turn> turns = new ArrayDeque<>(); // guarded by lock
    private @Nullable Carrier carrier; // guarded by lock

    /** Why there is no carrier; guarded by lock. */
    private Throwable why = new StreamException(TunnelError.LINK_LOST, "The control channel is not connected yet.");

    /** Whether a thread is inside {@link #drain}, or on its way there; guarded by lock. */
    private boolean running;

    /** The frame that the carrier has; guarded by lock. */
    private @Nullable Flight flight;

    /** Where frames with data are encoded. Used by the running thread; replaced under the lock when a lost carrier may have it. */
    private TextBuffer buffer = new TextBuffer();

    private final Watch watch;

    /** Hears how long a queue is. Called on any thread, without the queue's lock. */
    @FunctionalInterface
    public interface Watch {
        /** So many bytes more (or less) of messages wait. */
        void queued(long delta);

        /** Too many wait; the carrier was given up. */
        default void choked() {}
    }

    /** A queue without a carrier yet. */
    public SendQueue(MessageCodec codec, Executor executor) {
        this(codec, executor, delta -> {});
    }

    /** A queue without a carrier yet, whose length someone watches. */
    public SendQueue(MessageCodec codec, Executor executor, Watch watch) {
        this.codec = codec;
        this.executor = executor;
        this.watch = watch;
    }

    /** Sends on this carrier from now on. */
    public void attach(Carrier next) {
        detach(new StreamException(TunnelError.LINK_LOST, "Another control channel took over."));
        boolean start;
        synchronized (lock) {
            carrier = next;
            start = claim();
        }
        if (start) {
            drain();
        }
    }

    /**
     * The carrier is lost, or not to be used any more. What waits is dropped or failed, and all that comes until the next
     * {@link #attach}. Does nothing without a carrier.
     */
    public void detach(Throwable reason) {
        List<Turn> failed;
        long dropped;
        synchronized (lock) {
            if (carrier == null) {
                return;
            }
            dropped = messageBytes;
            failed = cut(reason);
        }
        queued(-dropped);
        failed.forEach(turn -> tell(turn, reason));
    }

    /** How many messages and turns wait or are under way. */
    public int queued() {
        synchronized (lock) {
            return messages.size() + turns.size() + (flight == null ? 0 : 1);
        }
    }

    @Override
    public void send(TunnelMessage message) {
        ByteBuffer text = codec.encode(message);
        int size = text.remaining();
        boolean start;
        Carrier choked = null;
        synchronized (lock) {
            if (carrier == null) {
                LOG.debug(
                        "Dropped a {}: the control channel is down",
                        message.getClass().getSimpleName());
                return;
            }
            if (messages.size() >= MAX_MESSAGES || messageBytes + size > MAX_BYTES) {
                choked = carrier;
            } else {
                messages.add(text);
                messageBytes += size;
            }
            start = choked == null && claim();
        }
        if (choked != null) {
            watch.choked();
            fail(choked, "The peer does not read its control channel: too many messages wait for it.", null);
            return;
        }
        queued(size);
        if (start) {
            drain();
        }
    }

    @Override
    public void requestTurn(Turn turn) {
        boolean start;
        Throwable down;
        synchronized (lock) {
            down = carrier == null ? why : null;
            if (down == null) {
                turns.add(turn);
            }
            start = claim();
        }
        if (down != null) {
            tell(turn, down);
        } else if (start) {
            drain();
        }
    }

    /** Completes when the carrier took all that was sent before, or never will. From any thread, perhaps within this call. */
    public CompletableFuture<Void> flush() {
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        requestTurn(new Turn() {
            @Override
            public @Nullable TunnelMessage next() {
                flushed.complete(null);
                return null;
            }

            @Override
            public void sent(@Nullable Throwable failure) {
                flushed.complete(null);
            }
        });
        return flushed;
    }

    /** Whether the caller is the one to drain. Call with the lock. */
    private boolean claim() {
        if (running || flight != null || carrier == null || (messages.isEmpty() && turns.isEmpty())) {
            return false;
        }
        running = true;
        return true;
    }

    /** Sends one frame after another until nothing waits or the carrier keeps one. By one thread at a time: who claimed it. */
    private void drain() {
        while (burst()) {
            try {
                executor.execute(this::drain);
                return;
            } catch (RejectedExecutionException e) {
                LOG.debug("The executor is closed; going on with this thread", e);
            }
        }
    }

    /** Sends a number of frames. Returns whether more wait and the wire is free. */
    private boolean burst() {
        for (int sent = 0; sent < BATCH; sent++) {
            Carrier to;
            ByteBuffer text;
            Turn turn = null;
            TextBuffer scratch;
            synchronized (lock) {
                if (carrier == null || (messages.isEmpty() && turns.isEmpty())) {
                    running = false;
                    return false;
                }
                to = carrier;
                scratch = buffer;
                text = messages.poll();
                if (text == null) {
                    turn = turns.remove();
                } else {
                    messageBytes -= text.remaining();
                }
            }
            if (turn != null) {
                text = take(turn, scratch);
            } else {
                queued(-text.remaining());
            }
            if (text != null && !transmit(to, text, turn)) {
                return false;
            }
        }
        return true;
    }

    /** A turn's message as text, or {@code null} if it has none. */
    private @Nullable ByteBuffer take(Turn turn, TextBuffer scratch) {
        try {
            TunnelMessage message = turn.next();
            return message == null ? null : codec.encode(message, scratch);
        } catch (RuntimeException e) {
            LOG.warn("A message with data could not be made", e);
            tell(turn, e);
            return null;
        }
    }

    /** Gives a frame to the carrier. Returns whether this thread goes on; else the frame's completion does. */
    private boolean transmit(Carrier to, ByteBuffer text, @Nullable Turn turn) {
        Flight mine = new Flight(to, turn);
        Throwable lost = null;
        synchronized (lock) {
            if (carrier == to) {
                flight = mine;
            } else {
                lost = why;
            }
        }
        if (lost != null) {
            if (turn != null) {
                tell(turn, lost);
            }
            return true;
        }
        try {
            to.send(text, mine);
        } catch (RuntimeException e) {
            mine.failed(e);
        }
        synchronized (lock) {
            if (!mine.done) {
                running = false;
                return false;
            }
        }
        mine.settle();
        return true;
    }

    /** Gives up on the carrier. */
    private void fail(Carrier broken, String what, @Nullable Throwable cause) {
        StreamException reason = new StreamException(TunnelError.LINK_LOST, what, cause);
        List<Turn> failed = List.of();
        long dropped = 0;
        synchronized (lock) {
            if (carrier == broken) {
                dropped = messageBytes;
                failed = cut(reason);
            }
        }
        queued(-dropped);
        if (cause == null) {
            LOG.info("Cutting a control channel. {}", what);
        } else {
            LOG.info("Cutting a control channel. {} {}", what, LogText.clean(cause.toString()));
            LOG.debug("What broke the control channel", cause);
        }
        broken.abort();
        failed.forEach(turn -> tell(turn, reason));
    }

    /** Forgets carrier and queue; returns the turns to fail. Call with the lock. */
    private List<Turn> cut(Throwable reason) {
        carrier = null;
        why = reason;
        messages.clear();
        messageBytes = 0;
        List<Turn> failed = new ArrayList<>(turns);
        turns.clear();
        if (flight != null) {
            buffer = new TextBuffer();
            flight.done = true;
            flight.failure = reason;
            // A running thread is still in the carrier's send method and settles it when it returns.
            if (!running && flight.turn != null) {
                failed.add(0, flight.turn);
            }
            flight = null;
        }
        return failed;
    }

    private void queued(long delta) {
        if (delta != 0) {
            watch.queued(delta);
        }
    }

    private static void tell(Turn turn, @Nullable Throwable failure) {
        try {
            turn.sent(failure);
        } catch (RuntimeException e) {
            LOG.warn("Someone who waited to send data failed", e);
        }
    }

    /** One frame on its way through the carrier. */
    private final class Flight implements Completion {
        private final Carrier on;
        private final @Nullable Turn turn;
        private boolean done; // guarded by lock
        private @Nullable Throwable failure; // guarded by lock until done

        /** Whether the carrier itself failed, and not someone gave up on it; guarded by lock until done. */
        private boolean broken;

        Flight(Carrier on, @Nullable Turn turn) {
            this.on = on;
            this.turn = turn;
        }

        @Override
        public void succeeded() {
            complete(null);
        }

        @Override
        public void failed(Throwable cause) {
            complete(cause);
        }

        private void complete(@Nullable Throwable cause) {
            synchronized (lock) {
                if (done) {
                    return;
                }
                done = true;
                failure = cause;
                broken = cause != null;
                flight = null;
                if (running) {
                    return;
                }
                running = true;
            }
            settle();
            drain();
        }

        /** Tells who waited; by the thread that drains. */
        void settle() {
            if (broken) {
                fail(on, "A frame could not be sent.", failure);
            }
            if (turn != null) {
                tell(turn, failure);
            }
        }
    }
}
