package io.culvert.tunnel.jetty.internal.proxy;

import java.time.Duration;

/** Counts the exchanges and upgraded connections that are open, so that a relay can wait for their end. Thread-safe. */
public final class Activity {
    /** Guarded by this. */
    private int open;

    /** One more has begun. */
    public synchronized void begun() {
        open++;
    }

    /** One has ended. */
    public synchronized void ended() {
        if (--open == 0) {
            notifyAll();
        }
    }

    /** Waits until nothing is open, at most for the given time; false if the time is over. Keeps an interrupt of the thread. */
    public boolean awaitNone(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        boolean interrupted = false;
        try {
            synchronized (this) {
                while (open > 0) {
                    long millis = (deadline - System.nanoTime() + 999_999) / 1_000_000;
                    if (millis <= 0 || interrupted) {
                        return false;
                    }
                    try {
                        wait(millis);
                    } catch (InterruptedException x) {
                        interrupted = true; // someone wants it over now
                    }
                }
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
