package io.culvert.tunnel.benchmarks.growth;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Measures points over one way. For one thread. */
record Meter(Loop visitors, Origin origin, Way way, String name) {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** A point: how far a curve is followed, how long its visitors work before anything counts, and how long they are measured. */
    Sample measure(Curve curve, int at, int settleMillis, int measureMillis) throws Exception {
        way.tunnels(curve.tunnels(at));
        Crowd crowd = new Crowd(visitors, way.address(), curve.connections(at), curve.visitors(way, at));
        crowd.open();
        TimeUnit.MILLISECONDS.sleep(settleMillis);
        crowd.measuring(true);
        long start = System.nanoTime();
        double workBefore = work(curve, crowd);
        Duration cpuBefore = way.cpu();
        long elapsed;
        double work;
        do { // once, but for cold relays on busy machines
            TimeUnit.MILLISECONDS.sleep(measureMillis);
            elapsed = System.nanoTime() - start;
            work = work(curve, crowd) - workBefore;
        } while (work == 0 && elapsed < PATIENCE_NANOS);
        Duration cpu = way.cpu().minus(cpuBefore);
        crowd.measuring(false);
        long[] nanos = crowd.close();
        if (work == 0) {
            throw new IllegalStateException("Nothing more passed over " + name + ": " + curve.title + ", " + at + ".");
        }
        return new Sample(
                curve,
                at,
                name,
                work * TimeUnit.SECONDS.toNanos(1) / elapsed,
                micros(nanos, 0.50),
                micros(nanos, 0.99),
                cpu.toNanos() / 1000.0 / work);
    }

    private double work(Curve curve, Crowd crowd) {
        if (!curve.bySize()) {
            return crowd.done();
        }
        return (curve == Curve.UP_SIZE ? origin.sunk.get() : crowd.bytes()) / 1048576.0;
    }

    private static double micros(long[] sorted, double rank) {
        return sorted.length == 0 ? 0 : sorted[(int) (rank * (sorted.length - 1))] / 1000.0;
    }
}
