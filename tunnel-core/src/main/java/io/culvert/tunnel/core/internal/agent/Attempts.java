package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.Wire;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * A link's attempts, one at a time, and the pauses between them. An attempt that was given up is there until its wire is closed. In the
 * link's tasks only, where it runs its own.
 */
final class Attempts {
    /** How long one attempt may take, from the dial to {@code Registered}. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Timing timing;
    private final Executor tasks;
    private final Backoff backoff;
    private @Nullable LinkAttempt current;
    private @Nullable ScheduledFuture<?> timer; // the end of an attempt or of a pause

    Attempts(Timing timing, Executor tasks, Random random) {
        this.timing = timing;
        this.tasks = tasks;
        this.backoff = new Backoff(random);
    }

    boolean isCurrent(LinkAttempt which) {
        return current == which;
    }

    /** Whether an attempt, or what became of it, has a wire that is not closed yet. */
    boolean hasCurrent() {
        return current != null;
    }

    /** Makes an attempt the current one; there must be none. */
    void begin(LinkAttempt next, Runnable onTimeout) {
        current = next;
        set(TIMEOUT, onTimeout);
    }

    /** The current attempt led to a session. */
    void succeeded() {
        cancelTimer();
        backoff.reset();
    }

    /** The current attempt's wire is closed. */
    void gone() {
        current = null;
    }

    /** Waits before the next attempt; returns for how long. */
    Duration pause(Runnable then) {
        Duration wait = backoff.next();
        set(wait, then);
        return wait;
    }

    /** Attempts are not expected to succeed soon. */
    void slowDown() {
        backoff.slowDown();
    }

    /** Whether something happens by itself in time. */
    boolean hasTimer() {
        return timer != null;
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Closes what stands of the current attempt. It is gone when its wire says so. */
    void giveUp(String reason) {
        cancelTimer();
        if (current != null && !current.close(Wire.GOING_AWAY, reason, TunnelError.CANCELLED)) {
            current = null;
        }
    }

    private void set(Duration after, Runnable then) {
        timer = timing.after(after, () -> tasks.execute(then));
    }
}
