package io.culvert.tunnel.jetty.internal.io;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP connection on which an abort is never mistaken for an end: a reset by the peer makes {@link #fill} throw, again and again, and
 * {@link #close(Throwable)} with a cause sends a reset (RFC 9293, section 3.10.5) in place of what was not sent yet.
 */
public final class TunnelEndPoint extends SocketChannelEndPoint {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelEndPoint.class);
    private static final int KEEP_ALIVE_IDLE_SECONDS = 30;
    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 10;

    /** How often a reader on the selector's thread gets something before other connections of the selector have their turn. */
    static final int READS_AT_A_STRETCH = 4;

    private final @Nullable VisitorClock clock;

    /** Why reading is over for good. Written by whoever finds out first. */
    private volatile @Nullable IOException failure;

    /** Whether the peer's end was read. Written before the input is shut down for it. */
    private volatile boolean inputEnded;

    /** Whether {@link #failure} tells why it was closed, if it was. */
    private volatile boolean closeKnown;

    /** Held from writing until it is known how that went, so that a reader who sees the end can wait for it. */
    private final Object writes = new Object();

    /** Why writing failed; what came before may still be read. Written with {@link #writes}. */
    private volatile @Nullable IOException writeFailure;

    /** Whether a failed write keeps nobody from reading what came before it. */
    private volatile boolean readsOn;

    /** Whether readers that do not say so never block either. */
    private volatile boolean neverBlocking;

    /** The last of those readers, and what it was wrapped into. Used by one reader at a time. */
    private @Nullable NonBlocking reader;

    /** How often it got something since it waited. Used by one reader at a time. */
    private int reads;

    /** Guarded by this. */
    private boolean over;

    /** Why it is over; guarded by this. */
    private @Nullable Throwable cause;

    /** Guarded by this. */
    private @Nullable Consumer<@Nullable Throwable> listener;

    private final SelectionKey key;
    private final @Nullable LingeringClose lingering;

    /** Whether the peer is to read what was written last, even if it still writes. */
    private volatile boolean lingers;

    /** Takes over a connected channel. */
    public TunnelEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        this(channel, selector, key, scheduler, null, null);
    }

    /** Takes over a channel that came in, with a clock if its time is limited; it may be asked to linger. */
    TunnelEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            @Nullable VisitorClock clock,
            @Nullable LingeringClose lingering) {
        super(channel, selector, key, scheduler);
        this.clock = clock;
        this.key = key;
        this.lingering = lingering;
        configure(channel);
    }

    /** What limits the connection's phases, if it came in where they are limited. */
    public Optional<VisitorClock> clock() {
        return Optional.ofNullable(clock);
    }

    private static void configure(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS);
                channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_ALIVE_INTERVAL_SECONDS);
            }
        } catch (IOException | UnsupportedOperationException x) {
            LOG.debug(
                    "Could not set the options of {}",
                    channel,
                    x); // a peer may be gone already, which the next read says
        }
    }

    /** Whether the peer is on this machine, as far as its address tells. */
    static boolean isLocal(SocketChannel channel) throws IOException {
        return channel.getRemoteAddress() instanceof InetSocketAddress peer
                && peer.getAddress().isLoopbackAddress();
    }

    /**
     * Adds who is told once that the connection is over: {@code null} after both sides ended or an orderly close, else why. Told at once
     * if it is over already.
     */
    public void onClosed(Consumer<@Nullable Throwable> added) {
        synchronized (this) {
            if (!over) {
                Consumer<@Nullable Throwable> present = listener;
                listener = present == null ? added : present.andThen(added);
                return;
            }
        }
        added.accept(cause());
    }

    /**
     * From now on an orderly close lets the peer read what was written last: input that comes behind it does not turn the close into a
     * reset. For accepted connections; others close as before.
     */
    public void lingerOnClose() {
        lingers = true;
    }

    /**
     * From now on a write that fails is told by reading: what it and later ones would have sent is dropped, as the system does with what
     * it took just before the peer went. So what the peer said last is read, and then why there is no more.
     */
    public void readOnAfterFailedWrites() {
        readsOn = true;
    }

    /**
     * From now on nobody who waits for input blocks when it is there, even if Jetty must take it for possible: so the selector's thread stays
     * with the selector. Who reads on and on would keep that thread for as long as the peer sends, so now and then there is nothing to read
     * until the reader has waited again.
     */
    public void neverBlocks() {
        neverBlocking = true;
    }

    @Override
    public void fillInterested(Callback callback) {
        super.fillInterested(nonBlocking(callback));
    }

    @Override
    public boolean tryFillInterested(Callback callback) {
        return super.tryFillInterested(nonBlocking(callback));
    }

    private Callback nonBlocking(Callback callback) {
        reads = 0;
        if (!neverBlocking || callback.getInvocationType() == Invocable.InvocationType.NON_BLOCKING) {
            return callback;
        }
        NonBlocking known = reader;
        if (known == null || known.callback != callback) {
            known = new NonBlocking(callback);
            reader = known;
        }
        return known;
    }

    private synchronized @Nullable Throwable cause() {
        return cause;
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
        if (isInputShutdown()) {
            throwIfCut();
            return -1;
        }
        if (neverBlocking && reads >= READS_AT_A_STRETCH) {
            return 0; // the selector says at once that there is more
        }
        int position = BufferUtil.flipToFill(buffer);
        try {
            int filled = getChannel().read(buffer);
            if (filled > 0) {
                reads++;
                notIdle();
                if (clock != null) {
                    clock.received();
                }
            } else if (filled < 0) {
                throwIfReset();
                inputEnded = true;
                shutdownInput();
            }
            return filled;
        } catch (IOException x) {
            if (failure == null && isOpen()) {
                failure = x;
            }
            shutdownInput(); // else who answers with the end of his own output would leave the connection half open
            throw x;
        } finally {
            BufferUtil.flipToFlush(buffer, position);
        }
    }

    /** Another thread closes it, perhaps for a failure: that is no end, from its first moment on. */
    private void throwIfCut() throws IOException {
        if (inputEnded) {
            return;
        }
        if (!closeKnown) {
            throw new EofException("closed by another thread");
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    /** The system reports a reset once, and what follows looks like an end: a write that another thread is at may have it. */
    private void throwIfReset() throws IOException {
        synchronized (writes) {
            IOException broken = writeFailure;
            if (broken != null) {
                throw broken;
            }
        }
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        if (readsOn && writeFailure != null && isOpen()) {
            return drop(buffers);
        }
        synchronized (writes) {
            try {
                if (buffers.length != 1) {
                    return super.flush(buffers);
                }
                if (getChannel().write(buffers[0]) > 0) {
                    notIdle();
                }
                return !buffers[0].hasRemaining();
            } catch (IOException x) {
                if (isOpen()) {
                    writeFailure = x;
                    if (readsOn) {
                        LOG.debug("A write failed; reading on: {}", this, x);
                        return drop(buffers);
                    }
                }
                throw x instanceof EofException ? x : new EofException(x);
            }
        }
    }

    private static boolean drop(ByteBuffer... buffers) {
        for (ByteBuffer buffer : buffers) {
            BufferUtil.clear(buffer);
        }
        return true;
    }

    @Override
    protected void onIdleExpired(TimeoutException timeout) {
        if (clock != null) {
            clock.silent();
        }
        super.onIdleExpired(timeout);
    }

    @Override
    protected void needsFillInterest() {
        super.needsFillInterest();
        if (!isOpen()) {
            getFillInterest().onClose(); // it closed before the interest stood: the close has told nobody
        }
    }

    /** Nothing here: {@link #onClose(Throwable)} closes the channel, since it knows whether that is an abort. */
    @Override
    public void doClose() {}

    @Override
    public void onClose(@Nullable Throwable given) {
        Throwable why = given != null ? given : failure != null ? failure : writeFailure;
        if (why == null && getWriteFlusher().isPending()) {
            why = new EofException("closed during a write"); // what is cut there must not look like an end
        }
        if (why != null) {
            failure = why instanceof IOException io ? io : new EofException(why);
            resetOnClose();
        }
        closeKnown = true;
        closeChannel(why);
        try {
            super.onClose(given);
        } finally {
            tell(why);
        }
    }

    private void closeChannel(@Nullable Throwable why) {
        LingeringClose gently = lingering;
        if (why == null && lingers && gently != null) {
            key.cancel(); // nobody here is told of its input any more
            gently.close(getChannel(), getScheduler());
        } else {
            IO.close(getChannel());
        }
    }

    private void resetOnClose() {
        try {
            getChannel().setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException x) {
            LOG.debug("Closed already: {}", this, x);
        }
    }

    private void tell(@Nullable Throwable why) {
        Consumer<@Nullable Throwable> told;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            cause = why;
            told = listener;
            listener = null;
        }
        if (told != null) {
            told.accept(why);
        }
    }

    /** A reader that does not block, though it does not say so. */
    private static final class NonBlocking extends Callback.Nested {
        private final Callback callback;

        private NonBlocking(Callback callback) {
            super(callback);
            this.callback = callback;
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }
}
