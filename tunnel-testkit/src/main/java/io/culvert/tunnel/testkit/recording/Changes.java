package io.culvert.tunnel.testkit.recording;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** News that something may have changed, and waiting for what it may bring. Thread-safe. */
final class Changes {
    private long count; // guarded by this

    synchronized void tell() {
        count++;
        notifyAll();
    }

    private synchronized long count() {
        return count;
    }

    /**
     * Looks for something now and after every change. No lock is held meanwhile, so whoever tells of changes never waits.
     *
     * @throws AssertionError if it is not there in time
     */
    <T> T await(Duration atMost, Supplier<Optional<T>> look, Supplier<String> otherwise) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            long seen = count();
            Optional<T> found = look.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (!awaitChange(seen, deadline)) {
                throw new AssertionError(otherwise.get());
            }
        }
    }

    /** Whether there was one before the time was over. */
    private synchronized boolean awaitChange(long since, long deadline) {
        try {
            while (count == since) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
            }
            return true;
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for recorded traffic.", x);
        }
    }
}
