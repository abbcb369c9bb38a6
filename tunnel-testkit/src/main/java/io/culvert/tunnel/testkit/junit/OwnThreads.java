package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.TunnelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The thread group of one session: what is made inside has its threads there, so that they can be told from those of other tests that run at
 * the same time. Groups are used again, as the JDK never forgets one.
 */
final class OwnThreads implements AutoCloseable {
    /** Beginnings of the names of threads that the JDK starts for the whole process, from wherever it first needs one. */
    private static final List<String> OF_THE_PROCESS =
            List.of("ForkJoinPool", "CompletableFutureDelayScheduler", "process reaper", "Common-Cleaner", "Cleaner-");

    private static final Queue<ThreadGroup> FREE = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final ThreadGroup group;

    OwnThreads() {
        ThreadGroup free = FREE.poll();
        group = free != null ? free : new ThreadGroup("tunnel-test-" + COUNT.incrementAndGet());
    }

    /** Runs something on a thread of the group, and waits for it. An interrupt is passed on. */
    <T> T call(Callable<T> task) {
        FutureTask<T> result = new FutureTask<>(task);
        Thread thread = new Thread(group, result, group.getName());
        thread.setDaemon(true);
        thread.start();
        join(thread);
        try {
            return result.get();
        } catch (ExecutionException x) {
            throw here(x.getCause());
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted.", x);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException x) {
                interrupted = true;
                thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The same failure, from the caller's place in the code. */
    private static RuntimeException here(Throwable failure) {
        if (failure instanceof TunnelException x) {
            return new TunnelException(x.error(), x.getMessage(), x);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException x ? x : new IllegalStateException(failure);
    }

    /** As {@link #call}, without a result. */
    void run(Runnable task) {
        call(() -> {
            task.run();
            return true;
        });
    }

    /** The threads of the group that live now. */
    List<Thread> alive() {
        Thread[] threads = new Thread[Math.max(16, group.activeCount() * 2)];
        int count = group.enumerate(threads, true);
        while (count == threads.length) {
            threads = new Thread[count * 2];
            count = group.enumerate(threads, true);
        }
        List<Thread> alive = new ArrayList<>(Arrays.asList(threads).subList(0, count));
        alive.removeIf(thread -> !thread.isAlive() || OF_THE_PROCESS.stream().anyMatch(thread.getName()::startsWith));
        return alive;
    }

    /** Gives the group back, if it is empty. */
    @Override
    public void close() {
        if (alive().isEmpty()) {
            FREE.add(group);
        }
    }
}
