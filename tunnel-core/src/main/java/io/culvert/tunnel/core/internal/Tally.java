package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelStats;
import java.util.concurrent.atomic.LongAdder;

/** One tunnel's counters. Thread-safe. */
public final class Tally {
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder httpUp = new LongAdder();
    private final LongAdder httpDown = new LongAdder();
    private final LongAdder upgradeUp = new LongAdder();
    private final LongAdder upgradeDown = new LongAdder();

    void opened() {
        opened.increment();
    }

    void closed() {
        closed.increment();
    }

    void failed() {
        failed.increment();
    }

    void bytes(StreamKind kind, Direction direction, long count) {
        boolean up = direction == Direction.UP;
        if (kind == StreamKind.HTTP) {
            (up ? httpUp : httpDown).add(count);
        } else {
            (up ? upgradeUp : upgradeDown).add(count);
        }
    }

    /** A snapshot. */
    public TunnelStats snapshot() {
        // Closed first: a stream that ends in between must not make the difference negative.
        long over = closed.sum();
        long total = opened.sum();
        return new TunnelStats(
                total - over, total, failed.sum(), httpUp.sum(), httpDown.sum(), upgradeUp.sum(), upgradeDown.sum());
    }
}
