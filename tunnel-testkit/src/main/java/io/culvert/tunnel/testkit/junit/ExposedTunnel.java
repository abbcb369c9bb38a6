package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A tunnel for one thing that is exposed: opened when it is first asked for, and anew when it has to end elsewhere. Thread-safe. */
final class ExposedTunnel {
    private final Exposure exposure;
    private final Function<TunnelSpec, Tunnel> opener;
    private final AtomicReference<@Nullable Opened> opened = new AtomicReference<>();

    private record Opened(Target target, Lazy<Tunnel> tunnel) {
        Tunnel get(Function<TunnelSpec, Tunnel> opener) {
            return tunnel.get(() -> opener.apply(target.spec()));
        }

        void close() {
            tunnel.take().ifPresent(Tunnel::close);
            target.release();
        }
    }

    ExposedTunnel(Exposure exposure, Function<TunnelSpec, Tunnel> opener) {
        this.exposure = exposure;
        this.opener = opener;
    }

    /** The tunnel, which has to be possible now. */
    Tunnel require() {
        return get().orElseThrow(exposure::unknown);
    }

    /** The tunnel; empty as long as it is not known where it ends, for whatever reason. */
    Optional<Tunnel> getIfKnown() {
        try {
            return get();
        } catch (IllegalStateException x) {
            return Optional.empty();
        }
    }

    /** The tunnel; empty as long as it is not known where it ends. */
    Optional<Tunnel> get() {
        while (true) {
            Opened now = opened.get();
            if (now != null && !now.target.mayChange()) {
                return Optional.of(now.get(opener));
            }
            Optional<Target> target = target(now != null);
            if (now != null
                    && target.map(Target::identity)
                            .map(now.target.identity()::equals)
                            .orElse(true)) {
                return Optional.of(now.get(opener));
            }
            if (target.isEmpty()) {
                return Optional.empty();
            }
            Opened next = new Opened(target.get(), new Lazy<>());
            if (opened.compareAndSet(now, next)) {
                if (now != null) {
                    now.close();
                }
                return Optional.of(next.get(opener));
            }
            target.get().release();
        }
    }

    /** What was known once stays, where the application is gone already when someone asks again. */
    private Optional<Target> target(boolean knownBefore) {
        try {
            return exposure.target();
        } catch (IllegalStateException x) {
            if (knownBefore) {
                return Optional.empty();
            }
            throw x;
        }
    }

    /** Closes the tunnel, if there is one. */
    void close() {
        Opened last = opened.getAndSet(null);
        if (last != null) {
            last.close();
        }
    }
}
