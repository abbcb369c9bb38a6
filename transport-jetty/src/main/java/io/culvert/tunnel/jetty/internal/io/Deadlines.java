package io.culvert.tunnel.jetty.internal.io;

import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.CyclicTimeouts;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Limits of time for what is mostly over long before: one timer for all, which those that are met in time leave alone. Thread-safe.
 */
public final class Deadlines {
    private final Set<Deadline> pending = ConcurrentHashMap.newKeySet();
    private final CyclicTimeouts<Deadline> timeouts;

    /** None yet. */
    public Deadlines(Scheduler scheduler) {
        timeouts = new CyclicTimeouts<>(scheduler) {
            @Override
            protected Iterator<Deadline> iterator() {
                return pending.iterator();
            }

            @Override
            protected boolean onExpired(Deadline deadline) {
                deadline.onOver.run();
                return true;
            }
        };
    }

    /**
     * Runs the action when the time is over, on the scheduler's thread, which it must not block.
     *
     * @return what calls that off
     */
    public Runnable after(Duration time, Runnable onOver) {
        Deadline added = new Deadline(NanoTime.now() + time.toNanos(), onOver);
        pending.add(added);
        timeouts.schedule(added);
        return () -> pending.remove(added);
    }

    /** None of them will be over. */
    public void stop() {
        pending.clear();
        timeouts.destroy();
    }

    private static final class Deadline implements CyclicTimeouts.Expirable {
        private final long expires;
        private final Runnable onOver;

        private Deadline(long expires, Runnable onOver) {
            this.expires = expires;
            this.onOver = onOver;
        }

        @Override
        public long getExpireNanoTime() {
            return expires;
        }
    }
}
