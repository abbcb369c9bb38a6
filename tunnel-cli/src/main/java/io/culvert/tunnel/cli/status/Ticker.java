package io.culvert.tunnel.cli.status;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does things again and again on one daemon thread. */
public final class Ticker implements AutoCloseable {
    private final ScheduledExecutorService executor;

    /** A ticker whose thread has the name. */
    public Ticker(String thread) {
        executor = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread made = new Thread(work, thread);
            made.setDaemon(true);
            return made;
        });
    }

    /** Does something now and then again each time the interval is over. */
    public void every(Duration interval, Runnable action) {
        executor.scheduleWithFixedDelay(action, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Does something once more, between the others; not if it is closed. */
    public void now(Runnable action) {
        try {
            executor.execute(action);
        } catch (RejectedExecutionException x) {
            return; // it is over
        }
    }

    /** Ends it; what is being done is done to its end. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            executor.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
        }
    }
}
