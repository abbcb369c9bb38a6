package io.culvert.tunnel.core.internal.guard;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts what is under way from each address: from each {@code /64} in IPv6. Thread-safe. */
public final class AddressCount {
    private final int most;

    /** Guarded by itself. */
    private final Map<ByteBuffer, Integer> counts = new HashMap<>();

    /** Nothing yet. */
    public AddressCount(int most) {
        this.most = most;
    }

    /** One more has begun: what to run, once or more often, when it is over; empty if it is one too many. */
    public Optional<Runnable> begin(InetAddress address) {
        ByteBuffer key = AddressBuckets.key(address);
        synchronized (counts) {
            int before = counts.getOrDefault(key, 0);
            if (before >= most) {
                return Optional.empty();
            }
            counts.put(key, before + 1);
        }
        AtomicBoolean over = new AtomicBoolean();
        return Optional.of(() -> {
            if (over.compareAndSet(false, true)) {
                end(key);
            }
        });
    }

    private void end(ByteBuffer key) {
        synchronized (counts) {
            counts.computeIfPresent(key, (address, count) -> count == 1 ? null : (Integer) (count - 1));
        }
    }

    int size() {
        synchronized (counts) {
            return counts.size();
        }
    }
}
