package io.culvert.tunnel.core.internal;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what must come to its end, such as a close. An interrupt is kept for later. */
public final class Awaiting {
    private Awaiting() {}

    /** Waits until the future is done, in whatever way. */
    public static void done(CompletableFuture<?> future) {
        done(future, Duration.ofNanos(Long.MAX_VALUE));
    }

    /** Waits until the future is done, in whatever way, or the time is over. Returns whether it is done. */
    public static boolean done(CompletableFuture<?> future, Duration atMost) {
        boolean interrupted = false;
        long start = System.nanoTime();
        try {
            while (true) {
                try {
                    future.get(atMost.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
                    return true;
                } catch (InterruptedException x) {
                    interrupted = true;
                } catch (TimeoutException x) {
                    return false;
                } catch (ExecutionException | java.util.concurrent.CancellationException x) {
                    return true; // the caller of the future's owner hears why
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
