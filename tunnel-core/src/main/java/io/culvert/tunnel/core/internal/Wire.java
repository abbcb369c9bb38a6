package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.internal.codec.MalformedMessageException;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.Completion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One carrier and what comes in on it: decoded, handed to one receiver at a time, in order, and closed exactly once. This side can
 * end it at any time; the receiver then hears of the end as if the carrier had, without waiting for the peer.
 */
public final class Wire implements Carrier.Listener {
    /** Close codes of RFC 6455, section 7.4.1, as {@code docs/PROTOCOL.md} uses them. */
    public static final int NORMAL = 1000;

    /** The side that closes goes away. */
    public static final int GOING_AWAY = 1001;

    /** A rule of the protocol was broken. */
    public static final int PROTOCOL_ERROR = 1002;

    /** A message was malformed. */
    public static final int MALFORMED = 1007;

    /** The peer's behaviour is not accepted. */
    public static final int POLICY = 1008;

    private static final int ABNORMAL = 1006;
    private static final int INTERNAL_ERROR = 1011;

    /** How long a peer may take to read a last message. */
    private static final Duration REFUSAL_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    private final Carrier carrier;
    private final MessageCodec codec;
    private final LongSupplier nanoTime;
    private final SerialExecutor strand = SerialExecutor.inline();
    private Receiver receiver; // only touched in the strand
    private @Nullable Closed closed; // only touched in the strand
    private volatile boolean over; // set by whoever ends it; nothing that comes in counts any more
    private volatile long heardAt; // written by the carrier's reader

    /** Who takes what comes in. Called one at a time, on the thread that brings it; must not block. */
    public interface Receiver {
        /** A message came in. */
        void onMessage(Wire wire, TunnelMessage message);

        /** The carrier is over. Called once, and nothing after it. */
        void onClosed(Wire wire, Closed closed);
    }

    /**
     * How a carrier came to its end.
     *
     * @param code the close code
     * @param reason for a person; what a peer wrote is cleaned
     * @param local whether this side closed it
     * @param error what it stands for
     */
    public record Closed(int code, String reason, boolean local, TunnelError error) {
        /** Whether one side broke the protocol: then the session can't go on. */
        public boolean protocolBroken() {
            return code == PROTOCOL_ERROR || code == MALFORMED || code == POLICY || code == 1003 || code == 1009;
        }

        /** As an exception. */
        public TunnelException asException() {
            return new TunnelException(error, reason);
        }
    }

    /** The wire of a carrier that just stands. */
    public Wire(Carrier carrier, MessageCodec codec, LongSupplier nanoTime, Receiver receiver) {
        this.carrier = carrier;
        this.codec = codec;
        this.nanoTime = nanoTime;
        this.receiver = receiver;
        this.heardAt = nanoTime.getAsLong();
    }

    /** The carrier, for sending. */
    public Carrier carrier() {
        return carrier;
    }

    /** When the last message came in. */
    public long heardAt() {
        return heardAt;
    }

    /** Whether it is closed, or about to be. */
    public boolean isOver() {
        return over;
    }

    /**
     * Changes the receiver, between two messages.
     *
     * @param first runs before the next message is handed over; not at all if the wire is closed, which the new receiver is then told
     */
    public void handOver(Receiver next, Runnable first) {
        strand.execute(() -> {
            receiver = next;
            if (closed == null) {
                first.run();
            } else {
                next.onClosed(this, closed);
            }
        });
    }

    /** Runs something between two messages, unless the wire is closed by then. */
    public void run(Runnable task) {
        strand.execute(() -> {
            if (closed == null) {
                task.run();
            }
        });
    }

    /** Sends a last message, then closes the carrier. The receiver hears of the end when the carrier is closed. */
    public void refuse(TunnelMessage last, String reason, Timing timing) {
        over = true;
        ScheduledFuture<?> impatience = timing.after(REFUSAL_TIMEOUT, carrier::abort);
        carrier.send(codec.encode(last), new Completion() {
            @Override
            public void succeeded() {
                impatience.cancel(false);
                carrier.close(NORMAL, LogText.closeReason(reason));
            }

            @Override
            public void failed(Throwable cause) {
                impatience.cancel(false);
                carrier.abort();
            }
        });
    }

    /** Closes the carrier with a close frame. What came in and was not handed over yet is dropped. */
    public void close(int code, String reason, TunnelError error) {
        over = true;
        carrier.close(code, LogText.closeReason(reason));
        strand.execute(() -> closed(new Closed(code, reason, true, error)));
    }

    /** Cuts the carrier, as the peer does not answer. */
    public void cut(String reason, TunnelError error) {
        over = true;
        carrier.abort();
        strand.execute(() -> closed(new Closed(ABNORMAL, reason, true, error)));
    }

    @Override
    public void onMessage(ByteBuffer utf8) {
        if (over) {
            return;
        }
        heardAt = nanoTime.getAsLong();
        TunnelMessage message;
        try {
            message = codec.decode(utf8);
        } catch (MalformedMessageException x) {
            close(MALFORMED, LogText.clean(x.getMessage()), TunnelError.PROTOCOL);
            return;
        }
        if (message != null) {
            strand.execute(() -> deliver(message));
        }
    }

    @Override
    public void onClosed(int code, String reason, @Nullable Throwable failure) {
        String words = LogText.clean(reason);
        String why = words.isEmpty() ? "The control channel was closed with code " + code + "." : words;
        if (failure != null) {
            LOG.debug("A control channel broke", failure);
            why = "The control channel broke: " + LogText.clean(failure.toString());
        }
        Closed end = new Closed(code, why, false, TunnelError.LINK_LOST);
        strand.execute(() -> closed(end));
    }

    private void deliver(TunnelMessage message) {
        if (closed != null || over) {
            return;
        }
        try {
            receiver.onMessage(this, message);
        } catch (RuntimeException x) {
            LOG.error("A {} message could not be handled", message.getClass().getSimpleName(), x);
            close(INTERNAL_ERROR, "A message could not be handled.", TunnelError.INTERNAL);
        }
    }

    private void closed(Closed end) {
        over = true;
        if (closed == null) {
            closed = end;
            receiver.onClosed(this, end);
        }
    }
}
