package io.culvert.tunnel.testkit.junit;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value that is made by whoever asks first, while others wait for it. Where making it fails, the next one tries again. Thread-safe. */
final class Lazy<T> {
    private final AtomicReference<@Nullable CompletableFuture<T>> made = new AtomicReference<>();

    /** The value. */
    T get(Supplier<T> maker) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        CompletableFuture<T> others = made.compareAndExchange(null, mine);
        if (others != null) {
            return join(others);
        }
        try {
            T value = maker.get();
            mine.complete(value);
            return value;
        } catch (RuntimeException | Error x) {
            made.set(null);
            mine.completeExceptionally(x);
            throw x;
        }
    }

    /** The value, if someone asked for it; waits until it is made. From now on it is made anew. */
    Optional<T> take() {
        CompletableFuture<T> last = made.getAndSet(null);
        if (last == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(last.join());
        } catch (CompletionException x) {
            return Optional.empty();
        }
    }

    /** The value, if it is made. */
    Optional<T> ifMade() {
        CompletableFuture<T> last = made.get();
        return last == null || !last.isDone() || last.isCompletedExceptionally()
                ? Optional.empty()
                : Optional.of(last.join());
    }

    private static <T> T join(CompletableFuture<T> others) {
        try {
            return others.join();
        } catch (CompletionException x) {
            if (x.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw x;
        }
    }
}
