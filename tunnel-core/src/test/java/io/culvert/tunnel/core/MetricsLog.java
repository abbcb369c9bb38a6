package io.culvert.tunnel.core;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Measurements, added up. */
public final class MetricsLog implements TunnelMetrics {
    public final AtomicInteger opened = new AtomicInteger();
    public final AtomicInteger orderly = new AtomicInteger();
    public final AtomicInteger reset = new AtomicInteger();
    public final List<TunnelError> failed = new CopyOnWriteArrayList<>();
    public final List<TunnelError> reconnecting = new CopyOnWriteArrayList<>();
    public final List<Duration> roundTrips = new CopyOnWriteArrayList<>();
    public final AtomicLong queued = new AtomicLong();
    public final List<String> requests = new CopyOnWriteArrayList<>();
    public final List<Limit> reached = new CopyOnWriteArrayList<>();
    public final AtomicLong up = new AtomicLong();
    public final AtomicLong down = new AtomicLong();
    public final AtomicInteger sessions = new AtomicInteger();
    public final AtomicInteger tunnels = new AtomicInteger();

    @Override
    public void streamOpened(StreamInfo stream, long nanos) {
        opened.incrementAndGet();
    }

    @Override
    public void bytes(StreamInfo stream, Direction direction, long count) {
        (direction == Direction.UP ? up : down).addAndGet(count);
    }

    @Override
    public void streamClosed(StreamInfo stream, boolean wasOrderly) {
        (wasOrderly ? orderly : reset).incrementAndGet();
    }

    @Override
    public void streamFailed(StreamInfo stream, TunnelError error) {
        failed.add(error);
    }

    @Override
    public void sessions(int delta) {
        sessions.addAndGet(delta);
    }

    @Override
    public void tunnels(Role role, int delta) {
        tunnels.addAndGet(delta);
    }

    @Override
    public void roundTrip(Role role, Duration time) {
        roundTrips.add(time);
    }

    @Override
    public void sendQueued(Role role, long delta) {
        queued.addAndGet(delta);
    }

    @Override
    public void requestCompleted(StreamInfo request, int status, Duration time) {
        requests.add(request.tunnel() + " " + request.transport() + " " + request.kind() + " " + status);
    }

    @Override
    public void limitReached(Limit limit) {
        reached.add(limit);
    }

    @Override
    public void reconnecting(TunnelError reason) {
        reconnecting.add(reason);
    }
}
