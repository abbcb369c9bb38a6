package io.culvert.tunnel.e2e;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelMetrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Adds up what one role reports. */
final class CountingMetrics implements TunnelMetrics {
    private final Map<Object, LongAdder> counts = new ConcurrentHashMap<>();

    private record Bytes(StreamKind kind, Direction direction) {}

    private record Event(String name, Object of) {}

    long bytes(StreamKind kind, Direction direction) {
        return get(new Bytes(kind, direction));
    }

    long opened(StreamKind kind) {
        return get(new Event("opened", kind));
    }

    long closed(StreamKind kind) {
        return get(new Event("closed", kind));
    }

    /** Streams that ended with a reset. */
    long broken(StreamKind kind) {
        return get(new Event("broken", kind));
    }

    long failed(TunnelError error) {
        return get(new Event("failed", error));
    }

    long refused(TunnelError error) {
        return get(new Event("refused", error));
    }

    long reached(Limit limit) {
        return get(new Event("reached", limit));
    }

    private long get(Object key) {
        LongAdder count = counts.get(key);
        return count == null ? 0 : count.sum();
    }

    private void add(Object key, long count) {
        counts.computeIfAbsent(key, k -> new LongAdder()).add(count);
    }

    @Override
    public void streamOpened(StreamInfo stream, long nanos) {
        add(new Event("opened", stream.kind()), 1);
    }

    @Override
    public void bytes(StreamInfo stream, Direction direction, long count) {
        add(new Bytes(stream.kind(), direction), count);
    }

    @Override
    public void streamClosed(StreamInfo stream, boolean orderly) {
        add(new Event("closed", stream.kind()), 1);
        if (!orderly) {
            add(new Event("broken", stream.kind()), 1);
        }
    }

    @Override
    public void streamFailed(StreamInfo stream, TunnelError error) {
        add(new Event("failed", error), 1);
    }

    @Override
    public void limitReached(Limit limit) {
        add(new Event("reached", limit), 1);
    }

    @Override
    public void visitorRefused(TunnelError error) {
        add(new Event("refused", error), 1);
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
