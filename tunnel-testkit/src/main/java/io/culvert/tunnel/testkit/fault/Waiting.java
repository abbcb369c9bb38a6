package io.culvert.tunnel.testkit.fault;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Waits until a change was seen, but never for ever. */
final class Waiting {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private Waiting() {}

    static void until(CompletableFuture<?> change, Supplier<String> otherwise) {
        try {
            change.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException x) {
            throw new AssertionError(otherwise.get(), x);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for a fault to take effect.", x);
        }
    }
}
