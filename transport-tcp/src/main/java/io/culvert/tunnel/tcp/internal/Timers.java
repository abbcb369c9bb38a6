package io.culvert.tunnel.tcp.internal;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a session's half does later, and no more once it is closed: a task in a scheduler keeps the session in memory. Thread-safe. */
final class Timers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    private final ScheduledExecutorService scheduler;

    /** Guarded by this. */
    private final Set<Later> pending = new HashSet<>();

    /** Guarded by this. */
    private boolean closed;

    Timers(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /** Runs a short task once, on the scheduler's thread, unless this is closed before. */
    synchronized void after(long millis, Runnable task) {
        if (closed) {
            return;
        }
        Later later = new Later(task);
        try {
            later.future = scheduler.schedule(later, millis, TimeUnit.MILLISECONDS);
            pending.add(later);
        } catch (RejectedExecutionException x) {
            LOG.debug("A task is left out: the relay stops", x);
        }
    }

    private synchronized boolean begin(Later later) {
        return pending.remove(later);
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Later later : pending) {
            later.future.cancel(false);
        }
        pending.clear();
    }

    private final class Later implements Runnable {
        private final Runnable task;

        /** Guarded by the outer instance. */
        private Future<?> future;

        private Later(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (begin(this)) {
                task.run();
            }
        }
    }
}
