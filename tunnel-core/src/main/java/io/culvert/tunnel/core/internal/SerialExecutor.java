package io.culvert.tunnel.core.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one at a time, in order, on another executor. What tasks touch needs no lock: each sees what the ones before did. A
 * task is never lost: when the executor is shut down the caller's thread runs it.
 */
public final class SerialExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** Tasks that wait or run, and one more before {@link #start}. Whoever raises it from zero sees that they run. */
    private final AtomicInteger pending;

    private volatile @Nullable Executor executor; // written once, before the first task runs
    private volatile @Nullable Thread runner; // the thread inside run(), if any

    private SerialExecutor(@Nullable Executor executor) {
        this.executor = executor;
        this.pending = new AtomicInteger(executor == null ? 1 : 0);
    }

    /** Runs tasks on the executor. */
    public static SerialExecutor on(Executor executor) {
        return new SerialExecutor(executor);
    }

    /** Runs tasks on the thread that brings them; or, while another one is at it, on that. */
    public static SerialExecutor inline() {
        return new SerialExecutor(Runnable::run);
    }

    /** Keeps tasks until {@link #start}. */
    public static SerialExecutor held() {
        return new SerialExecutor(null);
    }

    /** Runs what waits and all that comes on the executor. Called once, on a {@linkplain #held held} one. */
    public void start(Executor on) {
        executor = on;
        if (pending.decrementAndGet() > 0) {
            dispatch();
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            dispatch();
        }
    }

    /** Whether the calling thread is running one of the tasks. */
    public boolean isInside() {
        return Thread.currentThread() == runner;
    }

    private void dispatch() {
        Executor on = executor;
        if (on == null) {
            throw new IllegalStateException("not started");
        }
        try {
            on.execute(this::run);
        } catch (RejectedExecutionException x) {
            LOG.debug("The executor is shut down; its last tasks run on {}", Thread.currentThread());
            run();
        }
    }

    private void run() {
        runner = Thread.currentThread();
        int done = 0;
        do {
            // Added before it was counted, so it is there.
            Runnable task = tasks.remove();
            try {
                task.run();
            } catch (RuntimeException | Error x) {
                LOG.error("A task failed", x);
            }
            done = pending.get() == 1 ? leave() : pending.decrementAndGet();
        } while (done > 0);
    }

    /** Gives the runner's role up before the last task is counted off, as the next one may begin at once. */
    private int leave() {
        Thread me = Thread.currentThread();
        runner = null;
        int left = pending.decrementAndGet();
        if (left > 0) {
            runner = me;
        }
        return left;
    }
}
