package io.culvert.tunnel.benchmarks;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Finds threads that a tunnel leaves behind: those that started after this object was made and are none of the benchmark's. */
public final class ThreadsLeft {
    /** Names of threads that the benchmarks, JMH and the JDK start beside the tunnel. */
    private static final List<String> OTHERS = List.of(
            "local-",
            "visitor-",
            "jmh",
            "Attach Listener",
            "ForkJoinPool",
            "Common-Cleaner",
            "CompletableFutureDelay",
            "process reaper");

    private final Set<Thread> before = Thread.getAllStackTraces().keySet();

    /** Takes down which threads there are. */
    public ThreadsLeft() {}

    /**
     * Waits for them to end.
     *
     * @throws IllegalStateException if one does not
     */
    public void check(long patienceMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (before.contains(thread) || OTHERS.stream().anyMatch(thread.getName()::contains)) {
                continue;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            thread.join(Math.max(1, left));
            if (thread.isAlive()) {
                IllegalStateException failure =
                        new IllegalStateException("The tunnel is closed and left the thread " + thread + ".");
                failure.setStackTrace(thread.getStackTrace());
                throw failure;
            }
        }
    }
}
