package io.culvert.tunnel.core.internal.stream;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether a stream is over for its user, and who wants to know. Not thread-safe: the stream's lock guards it. */
public final class CloseNotice {
    private @Nullable Consumer<@Nullable Throwable> listener;
    private boolean over;
    private @Nullable Throwable outcome;

    /** A stream's that is not over. */
    public CloseNotice() {}

    /** Registers who wants to know; in place of an earlier one that was not told yet. */
    public void listen(Consumer<@Nullable Throwable> callback) {
        listener = callback;
    }

    /** The stream is over. Only the first call counts. */
    public void over(@Nullable Throwable why) {
        if (!over) {
            over = true;
            outcome = why;
        }
    }

    /** Who is to be told now, with {@link #outcome}. */
    public @Nullable Consumer<@Nullable Throwable> take() {
        Consumer<@Nullable Throwable> due = over ? listener : null;
        listener = over ? null : listener;
        return due;
    }

    /** With what the stream is over; does not change any more once someone is to be told. */
    public @Nullable Throwable outcome() {
        return outcome;
    }
}
