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
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Watches a visitor's connection while the visitor waits for the answer: Jetty reads nothing then and would not see that the visitor
 * left. Bytes that come (a pipelined request) are given to Jetty's connection, and the watch is over. An end of the visitor's
 * direction counts as leaving.
 */
final class VisitorWatch implements Callback {
    private static final Throwable DISARMED = new IOException("the watch is over");

    private enum State {
        /** Does not watch. */
        OFF,
        /** Registered with the connection. */
        ARMED,
        /** Looks what there is to read. */
        READING,
        /** As before, and someone waits for the end of it. */
        READING_LAST
    }

    private final AbstractConnection connection;
    private final AbstractEndPoint endPoint;
    private final ByteBufferPool buffers;
    private final Consumer<Throwable> onGone;
    private final AtomicReference<State> state = new AtomicReference<>(State.OFF);

    /** What to run in the end of {@link State#READING_LAST}. Written before that state is. */
    private @Nullable Runnable afterwards;

    private VisitorWatch(
            AbstractConnection connection,
            AbstractEndPoint endPoint,
            ByteBufferPool buffers,
            Consumer<Throwable> onGone) {
        this.connection = connection;
        this.endPoint = endPoint;
        this.buffers = buffers;
        this.onGone = onGone;
    }

    /**
     * Starts watching after the whole request was read.
     *
     * @param onGone told at most once that the visitor left
     * @return null if there is nothing to watch, as another request waits already
     */
    static @Nullable VisitorWatch arm(Connection visitor, ByteBufferPool buffers, Consumer<Throwable> onGone) {
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
        VisitorWatch watch = new VisitorWatch(connection, endPoint, buffers, onGone);
        watch.register();
        return watch;
    }

    private void register() {
        state.set(State.ARMED);
        if (!endPoint.tryFillInterested(this)) {
            state.set(State.OFF);
        }
    }

    /** Ends the watch and then runs the action, at once or when the watch has done what it is at. */
    void disarm(Runnable then) {
        afterwards = then;
        while (true) {
            State now = state.get();
            switch (now) {
                case OFF -> {
                    then.run();
                    return;
                }
                case ARMED -> {
                    if (state.compareAndSet(State.ARMED, State.OFF)) {
                        endPoint.getFillInterest().onFail(DISARMED);
                        then.run();
                        return;
                    }
                }
                default -> {
                    if (state.compareAndSet(State.READING, State.READING_LAST)) {
                        return;
                    }
                }
            }
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    public void succeeded() {
        if (!state.compareAndSet(State.ARMED, State.READING)) {
            return;
        }
        Throwable gone = null;
        RetainableByteBuffer buffer = buffers.acquire(connection.getInputBufferSize(), true);
        try {
            int filled = Resets.fill(endPoint, buffer.getByteBuffer());
            if (filled < 0) {
                gone = new EofException("the visitor left");
            } else if (filled > 0) {
                ((Connection.UpgradeTo) connection).onUpgradeTo(buffer.getByteBuffer());
            } // else nothing, which is so rare that the watch may end with it
        } catch (IOException x) {
            gone = x;
        } finally {
            buffer.release();
        }
        if (state.compareAndSet(State.READING, State.OFF)) {
            if (gone != null) {
                onGone.accept(gone);
            }
        } else {
            state.set(State.OFF);
            Runnable then = afterwards;
            if (then != null) {
                then.run();
            }
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (state.compareAndSet(State.ARMED, State.OFF)) {
            onGone.accept(cause);
        }
    }
}
