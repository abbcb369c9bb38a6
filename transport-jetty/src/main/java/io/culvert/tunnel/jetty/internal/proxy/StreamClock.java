package io.culvert.tunnel.jetty.internal.proxy;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.CyclicTimeout;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Scheduler;

/** Limits what a stream waits for. Started and stopped for every request, which costs no work of the scheduler. Thread-safe. */
final class StreamClock extends CyclicTimeout {
    private static final long NEVER = Long.MAX_VALUE / 2;

    private final Runnable onOver;

    /** An alarm that rings before this is a late one from before. */
    private volatile long deadline;

    /**
     * A clock that stands still.
     *
     * @param onOver told when the time is over; must not block
     */
    StreamClock(Scheduler scheduler, Runnable onOver) {
        super(scheduler);
        this.onOver = onOver;
    }

    /** Time is over after so long, whatever was said before. */
    void start(long millis) {
        deadline = NanoTime.now() + TimeUnit.MILLISECONDS.toNanos(millis);
        schedule(millis, TimeUnit.MILLISECONDS);
    }

    void stop() {
        deadline = NanoTime.now() + NEVER;
        cancel();
    }

    @Override
    public void onTimeoutExpired() {
        if (NanoTime.now() - deadline >= 0) {
            onOver.run();
        }
    }
}
