package io.culvert.tunnel.core.internal;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A role's time: when things happen later, and how long they took. Monotonic; a manual clock in tests.
 *
 * @param scheduler runs short tasks later, and logs what they throw; after its shutdown new tasks are dropped
 * @param nanoTime as {@link System#nanoTime()}
 */
public record Timing(ScheduledExecutorService scheduler, LongSupplier nanoTime) {
    private static final Logger LOG = LoggerFactory.getLogger(Timing.class);

    /** Real time, on one daemon thread of the given name, in the thread group of the caller. */
    public static Timing real(String threadName) {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        ScheduledThreadPoolExecutor scheduler = new LoggingScheduler(task -> {
            Thread thread = new Thread(group, task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        scheduler.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return new Timing(scheduler, System::nanoTime);
    }

    /** Runs a short task once after the delay. What it throws is logged. */
    public ScheduledFuture<?> after(Duration delay, Runnable task) {
        return scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Runs a short task again and again, first after one interval. What it throws is logged and does not stop it. */
    public ScheduledFuture<?> every(Duration interval, Runnable task) {
        long nanos = interval.toNanos();
        return scheduler.scheduleAtFixedRate(logged(task), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /** Monotonic time in nanoseconds. */
    public long now() {
        return nanoTime.getAsLong();
    }

    /** A repeated task would not be run again after a failure. */
    private static Runnable logged(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException x) {
                LOG.error("A scheduled task failed", x);
            }
        };
    }

    /** Tells of tasks that failed: nobody asks for their outcome. */
    private static final class LoggingScheduler extends ScheduledThreadPoolExecutor {
        private LoggingScheduler(ThreadFactory threads) {
            super(1, threads);
        }

        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable failure) {
            super.afterExecute(task, failure);
            if (task instanceof Future<?> future && future.isDone() && !future.isCancelled()) {
                try {
                    future.get();
                } catch (ExecutionException x) {
                    LOG.error("A scheduled task failed", x.getCause());
                } catch (InterruptedException x) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
