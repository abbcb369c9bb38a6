package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.jetty.internal.io.Resets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * Watches a visitor's connection while the visitor waits for the answer: Jetty reads nothing then and would not see that the visitor
 * left. Bytes that come (a pipelined request) are given to Jetty's connection, and the watch is over. An end of the visitor's
 * direction counts as leaving, unless visitors may do that.
 */
final class VisitorWatch extends IteratingCallback {
    private static final Disarmed DISARMED = new Disarmed();

    private final AbstractConnection connection;
    private final AbstractEndPoint endPoint;
    private final ByteBufferPool buffers;
    private final boolean halfClosing;
    private final Consumer<Throwable> onGone;

    /** Set before the abort, taken by whoever comes behind it. */
    private final AtomicReference<@Nullable Runnable> afterwards = new AtomicReference<>();

    /** Used in turns only. */
    private boolean registered;

    /** Not a failure. Shared, so it must not collect suppressed ones. */
    private static final class Disarmed extends Exception {
        private static final long serialVersionUID = 1L;

        private Disarmed() {
            super("the watch is over", null, false, false);
        }
    }

    private VisitorWatch(
            AbstractConnection connection,
            AbstractEndPoint endPoint,
            ByteBufferPool buffers,
            boolean halfClosing,
            Consumer<Throwable> onGone) {
        this.connection = connection;
        this.endPoint = endPoint;
        this.buffers = buffers;
        this.halfClosing = halfClosing;
        this.onGone = onGone;
    }

    /**
     * Starts watching after the whole request was read.
     *
     * @param halfClosing whether a visitor that ends its direction is still there
     * @param onGone told at most once that the visitor left
     * @return null if there is nothing to watch, as another request waits already
     */
    static @Nullable VisitorWatch arm(
            Connection visitor, ByteBufferPool buffers, boolean halfClosing, Consumer<Throwable> onGone) {
        if (!(visitor instanceof AbstractConnection connection)
                || !(visitor.getEndPoint() instanceof AbstractEndPoint endPoint)
                || !(visitor instanceof Connection.UpgradeFrom from)
                || !(visitor instanceof Connection.UpgradeTo to)) {
            return null;
        }
        ByteBuffer pipelined = from.onUpgradeFrom();
        if (pipelined != null) {
            to.onUpgradeTo(pipelined);
            return null;
        }
        VisitorWatch watch = new VisitorWatch(connection, endPoint, buffers, halfClosing, onGone);
        watch.iterate();
        return watch;
    }

    /** Ends the watch and then runs the action, at once or when the watch has done what it is at. Once. */
    void disarm(Runnable then) {
        afterwards.set(then);
        if (!abort(DISARMED)) {
            goOn(); // it had ended by itself
        }
    }

    private boolean goOn() {
        Runnable then = afterwards.getAndSet(null);
        if (then != null) {
            then.run();
        }
        return then != null;
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    protected Action process() throws IOException {
        if (!registered) {
            registered = true;
            return awaitReadable();
        }
        RetainableByteBuffer buffer = buffers.acquire(connection.getInputBufferSize(), true);
        try {
            int filled = Resets.fill(endPoint, buffer.getByteBuffer());
            if (filled == 0) {
                return awaitReadable();
            }
            if (filled < 0 && halfClosing) {
                return Action.SUCCEEDED; // a reset is seen when the answer is written
            }
            if (filled < 0) {
                throw new EofException("the visitor left");
            }
            ((Connection.UpgradeTo) connection).onUpgradeTo(buffer.getByteBuffer());
            return Action.SUCCEEDED;
        } finally {
            buffer.release();
        }
    }

    private Action awaitReadable() {
        endPoint.fillInterested(this);
        return Action.SCHEDULED;
    }

    /** Called when the interest is registered, or never will be. */
    @Override
    protected void onAborted(Throwable cause) {
        endPoint.getFillInterest().onFail(cause);
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        if (!goOn()) {
            onGone.accept(cause);
        }
    }
}
