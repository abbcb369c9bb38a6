package io.culvert.tunnel.jetty.internal.io;

import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A pool of daemon threads, all in the thread group of whoever made it. By default a thread would belong to the group of whoever happened to
 * need one more, so that a tunnel's threads could not be told from those of the application that it serves.
 *
 * <p>Threads that have nothing to do for a minute end, all of them but the fewest; by default it would be one a minute, which takes hours after
 * a flood.
 */
public class RoleThreads extends QueuedThreadPool {
    private static final int IDLE_MILLIS = 60_000;

    /** A pool whose threads' names begin with the given one. */
    public RoleThreads(String name, int max, int min) {
        super(max, min, IDLE_MILLIS, -1, null, group());
        setName(name);
        setDaemon(true);
        setMaxEvictCount(max);
    }

    /** A scheduler of one daemon thread, of which the same holds. */
    public static Scheduler scheduler(String name) {
        return new ScheduledExecutorScheduler(name, true, null, group());
    }

    private static ThreadGroup group() {
        return Thread.currentThread().getThreadGroup();
    }
}
