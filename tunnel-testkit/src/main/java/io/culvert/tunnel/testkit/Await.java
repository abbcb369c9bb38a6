package io.culvert.tunnel.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition that nobody announces. */
final class Await {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private Await() {}

    static void until(BooleanSupplier condition, Supplier<String> otherwise) {
        until(PATIENCE, condition, otherwise);
    }

    static void until(Duration patience, BooleanSupplier condition, Supplier<String> otherwise) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > patience.toNanos()) {
                throw new AssertionError(otherwise.get());
            }
            LockSupport.parkNanos(INTERVAL_NANOS);
        }
    }
}
