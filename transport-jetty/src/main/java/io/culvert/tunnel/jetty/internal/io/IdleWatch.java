package io.culvert.tunnel.jetty.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Reads from a connection that nobody uses yet, only to notice that its peer sent something or went away. Used once. */
public final class IdleWatch implements Callback {
    /** Room for the head of a small request; whoever uses the connection reads the rest. */
    private static final int BUFFER_BYTES = 2 * 1024;

    private enum State {
        /** Nothing came so far; the selector will say. */
        WATCHING,
        /** A thread looks what came. */
        LOOKING,
        /** The selector said so again while that thread looked. */
        LOOK_AGAIN,
        /** {@link #end} was called while that thread looked; it tells the caller. */
        LEAVING,
        /** Over: something came, or {@link #end} was called. */
        DONE
    }

    private final EndPoint endPoint;
    private final BiConsumer<@Nullable ByteBuffer, @Nullable IOException> onActivity;
    private final AtomicReference<State> state = new AtomicReference<>(State.LOOKING);

    /** Set before the state becomes {@link State#LEAVING}. */
    private volatile @Nullable Runnable onLeft;

    /**
     * A watch that has not begun.
     *
     * @param onActivity told at most once, with the bytes that came, or with {@code null} and why reading failed, or twice
     *     {@code null} at an orderly end; before {@link #end} calls its callback, if at all
     */
    public IdleWatch(EndPoint endPoint, BiConsumer<@Nullable ByteBuffer, @Nullable IOException> onActivity) {
        this.endPoint = endPoint;
        this.onActivity = onActivity;
    }

    /** Begins; perhaps something came already. */
    public void begin() {
        if (!awaitActivity()) {
            look();
        }
    }

    /** Ends the watch and runs the callback once when no thread reads any more: mostly at once. */
    public void end(Runnable left) {
        onLeft = left;
        while (true) {
            State now = state.get();
            switch (now) {
                case WATCHING -> {
                    if (state.compareAndSet(now, State.DONE)) {
                        forgetInterest();
                        left.run();
                        return;
                    }
                }
                case LOOKING, LOOK_AGAIN -> {
                    if (state.compareAndSet(now, State.LEAVING)) {
                        return;
                    }
                }
                default -> {
                    left.run();
                    return;
                }
            }
        }
    }

    /** Without this the next reader could not register its interest. This callback fails by it, and does nothing. */
    private void forgetInterest() {
        if (endPoint instanceof AbstractEndPoint e) {
            e.getFillInterest().onFail(new IOException("the watch is over"));
        }
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    public void succeeded() {
        while (true) {
            State now = state.get();
            switch (now) {
                case WATCHING -> {
                    if (state.compareAndSet(now, State.LOOKING)) {
                        look();
                        return;
                    }
                }
                case LOOKING -> {
                    if (state.compareAndSet(now, State.LOOK_AGAIN)) {
                        return;
                    }
                }
                default -> {
                    return;
                }
            }
        }
    }

    @Override
    public void failed(Throwable cause) {
        succeeded(); // the next read says why
    }

    private void look() {
        do {
            ByteBuffer bytes = BufferUtil.allocate(BUFFER_BYTES);
            int filled;
            try {
                filled = Resets.fill(endPoint, bytes);
            } catch (IOException x) {
                finish(null, x);
                return;
            }
            if (filled != 0) {
                finish(filled > 0 ? bytes : null, null);
                return;
            }
            if (state.get() == State.LEAVING) {
                left();
                return;
            }
        } while (!awaitActivity());
    }

    /** Has the selector say when there is something; false if there is already. */
    private boolean awaitActivity() {
        endPoint.fillInterested(this);
        return settle();
    }

    /** Whether there is nothing more to look at now. */
    private boolean settle() {
        while (true) {
            if (state.compareAndSet(State.LOOKING, State.WATCHING)) {
                return true;
            }
            if (state.compareAndSet(State.LOOK_AGAIN, State.LOOKING)) {
                return false;
            }
            if (state.get() == State.LEAVING) {
                forgetInterest();
                left();
                return true;
            }
        }
    }

    private void finish(@Nullable ByteBuffer bytes, @Nullable IOException failure) {
        onActivity.accept(bytes, failure);
        if (state.getAndSet(State.DONE) == State.LEAVING) {
            left();
        }
    }

    private void left() {
        state.set(State.DONE);
        Runnable left = onLeft;
        if (left != null) {
            left.run();
        }
    }
}
