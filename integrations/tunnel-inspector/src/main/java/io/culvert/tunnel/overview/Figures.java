package io.culvert.tunnel.overview;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What a relay reported so far, and samples of the last minutes. Thread-safe; bounded. */
final class Figures {
    /** Samples that are kept: five minutes of them. */
    static final int SAMPLES = 150;

    /** Tunnels that have figures of their own. */
    static final int MAX_TUNNELS = 4096;

    /**
     * What happened between two samples, and how many streams were open at its end.
     *
     * @param requests answered or not
     * @param errors answers of the relay's own
     */
    record Sample(long requests, long up, long down, long errors, long streams) {}

    /** One tunnel's figures. */
    static final class PerTunnel {
        final LongAdder requests = new LongAdder();
        final LongAdder up = new LongAdder();
        final LongAdder down = new LongAdder();
        final AtomicInteger streams = new AtomicInteger();
        volatile String transport = "";
    }

    private final AtomicInteger agents = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    private final LongAdder up = new LongAdder();
    private final LongAdder down = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final AtomicLongArray classes = new AtomicLongArray(6); // by status / 100; 0 without an answer
    private final Map<TunnelError, LongAdder> byCode = new ConcurrentHashMap<>();
    private final Map<String, PerTunnel> tunnels = new ConcurrentHashMap<>();

    private final Object lock = new Object();
    private final Deque<Sample> samples = new ArrayDeque<>(); // guarded by lock
    private long requestsBefore; // guarded by lock
    private long upBefore; // guarded by lock
    private long downBefore; // guarded by lock
    private long errorsBefore; // guarded by lock

    void agents(int delta) {
        agents.addAndGet(delta);
    }

    void streams(StreamInfo stream, int delta) {
        streams.addAndGet(delta);
        PerTunnel of = of(stream);
        of.streams.addAndGet(delta);
        of.transport = stream.transport();
    }

    void bytes(StreamInfo stream, Direction direction, long count) {
        PerTunnel of = of(stream);
        (direction == Direction.UP ? up : down).add(count);
        (direction == Direction.UP ? of.up : of.down).add(count);
    }

    void request(StreamInfo request, int status) {
        requests.increment();
        classes.incrementAndGet(Math.min(status / 100, classes.length() - 1));
        of(request).requests.increment();
    }

    void error(TunnelError error) {
        errors.increment();
        byCode.computeIfAbsent(error, e -> new LongAdder()).increment();
    }

    private PerTunnel of(StreamInfo stream) {
        PerTunnel known = tunnels.get(stream.tunnel());
        if (known != null) {
            return known;
        }
        return tunnels.size() < MAX_TUNNELS
                ? tunnels.computeIfAbsent(stream.tunnel(), name -> new PerTunnel())
                : new PerTunnel();
    }

    /**
     * Takes a sample, and forgets tunnels that are gone.
     *
     * @param exposed the names of the tunnels that are there
     */
    void sample(Set<String> exposed) {
        tunnels.entrySet()
                .removeIf(entry -> !exposed.contains(entry.getKey())
                        && entry.getValue().streams.get() == 0);
        synchronized (lock) {
            long requestsNow = requests.sum();
            long upNow = up.sum();
            long downNow = down.sum();
            long errorsNow = errors.sum();
            samples.addLast(new Sample(
                    requestsNow - requestsBefore,
                    upNow - upBefore,
                    downNow - downBefore,
                    errorsNow - errorsBefore,
                    streams.get()));
            requestsBefore = requestsNow;
            upBefore = upNow;
            downBefore = downNow;
            errorsBefore = errorsNow;
            if (samples.size() > SAMPLES) {
                samples.removeFirst();
            }
        }
    }

    List<Sample> samples() {
        synchronized (lock) {
            return List.copyOf(samples);
        }
    }

    int agents() {
        return agents.get();
    }

    int streams() {
        return streams.get();
    }

    long up() {
        return up.sum();
    }

    long down() {
        return down.sum();
    }

    /** Requests by the first digit of their status; 0 for those without a whole answer. */
    long requestsOf(int statusClass) {
        return classes.get(statusClass);
    }

    Map<TunnelError, Long> errors() {
        Map<TunnelError, Long> sums = new EnumMap<>(TunnelError.class);
        byCode.forEach((error, count) -> sums.put(error, count.sum()));
        return sums;
    }

    /** A tunnel's figures; all 0 if there are none. */
    PerTunnel tunnel(String name) {
        return tunnels.getOrDefault(name, new PerTunnel());
    }

    int tunnelsKept() {
        return tunnels.size();
    }
}
