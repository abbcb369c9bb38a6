package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.spi.StreamException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Names and hosts whose agents are away beyond the grace time: bound ones for ever, others for a while. Thread-safe. */
final class Absent {
    /** For how long visitors hear of a tunnel that was not bound. */
    static final Duration MEMORY = Duration.ofMinutes(10);

    /** How many are remembered; the oldest go first. */
    static final int MAX_REMEMBERED = 4096;

    private final LongSupplier nanoTime;
    private final Predicate<String> bound;
    private final Map<String, Long> since = new LinkedHashMap<>() { // guarded by itself
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MAX_REMEMBERED;
                }
            };

    Absent(LongSupplier nanoTime, Predicate<String> bound) {
        this.nanoTime = nanoTime;
        this.bound = bound;
    }

    void add(String nameOrHost) {
        synchronized (since) {
            since.remove(nameOrHost);
            since.put(nameOrHost, nanoTime.getAsLong());
        }
    }

    /** What visitors meet there; {@code null} for nothing. */
    @Nullable
    PublicTunnel find(String nameOrHost) {
        return bound.test(nameOrHost) || isRemembered(nameOrHost) ? new Away(nameOrHost) : null;
    }

    private boolean isRemembered(String nameOrHost) {
        synchronized (since) {
            Long when = since.get(nameOrHost);
            if (when != null && nanoTime.getAsLong() - when >= MEMORY.toNanos()) {
                since.remove(nameOrHost);
                when = null;
            }
            return when != null;
        }
    }

    /** A tunnel that opens no streams. */
    private record Away(String name) implements PublicTunnel {
        @Override
        public CompletableFuture<OpenStream> open(StreamKind kind) {
            return CompletableFuture.failedFuture(
                    new StreamException(TunnelError.AGENT_AWAY, "The agent of tunnel '" + name + "' is away."));
        }

        @Override
        public void onEnded(Runnable callback) {
            callback.run();
        }
    }
}
