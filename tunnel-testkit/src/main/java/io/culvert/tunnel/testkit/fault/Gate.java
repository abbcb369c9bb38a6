package io.culvert.tunnel.testkit.fault;

import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/** Decides how many bytes of one direction may pass, and when. Not thread-safe: its owner guards it. */
final class Gate {
    static final long FOREVER = Long.MAX_VALUE;

    /** How long a slice of limited bandwidth takes. */
    private static final long SLICES_PER_SECOND = 20;

    private static final long SECOND = 1_000_000_000L;

    private final LongSupplier nanoTime;
    private final Random random;
    private final LongSupplier overtakers;
    private boolean open; // for what arrived, until all of that is gone
    private boolean arrived;
    private long arrival;
    private long overtakersBefore;
    private double share; // of the way between the shortest and the longest latency
    private long freeAt;
    private long bytesPerSecond = FOREVER;
    private long wait;

    Gate(LongSupplier nanoTime, Random random) {
        this(nanoTime, random, () -> 0);
    }

    /** With a count of what can overtake the bytes of this direction. */
    Gate(LongSupplier nanoTime, Random random, LongSupplier overtakers) {
        this.overtakers = overtakers;
        this.nanoTime = nanoTime;
        this.random = random;
        this.freeAt = nanoTime.getAsLong();
    }

    /** Bytes are there that were not there before. */
    void arrive() {
        if (!arrived) {
            arrived = true;
            arrival = nanoTime.getAsLong();
            share = random.nextDouble();
            overtakersBefore = overtakers.getAsLong();
        }
    }

    /** Nothing is there any more. */
    void drained() {
        arrived = false;
        open = false;
    }

    /**
     * How many bytes may pass now.
     *
     * @param wanted how many there are, at least 1
     * @return 1 to {@code wanted}, or 0 if {@link #waitNanos} must pass first
     */
    int admit(List<Rule> rules, int wanted) {
        long now = nanoTime.getAsLong();
        long most = wanted;
        long delay = 0;
        bytesPerSecond = FOREVER;
        wait = 0;
        for (Rule rule : rules) {
            Effect effect = rule.effect();
            switch (effect.kind()) {
                case LATENCY -> delay += effect.low() + (long) (share * (effect.high() - effect.low()));
                case BANDWIDTH -> bytesPerSecond = Math.min(bytesPerSecond, effect.low());
                case SINGLE_BYTES -> most = 1;
                case STALL -> wait = FOREVER;
                case OVERTAKEN -> {
                    if (!open && overtakers.getAsLong() == overtakersBefore) {
                        wait = Math.max(wait, effect.low() - (now - arrival));
                    }
                }
                default -> {}
            }
        }
        if (!open && delay > 0) {
            // What nobody saw arrive waits until somebody does.
            wait = Math.max(wait, arrived ? delay - (now - arrival) : FOREVER);
        }
        if (bytesPerSecond < FOREVER) {
            most = Math.min(most, Math.max(1, bytesPerSecond / SLICES_PER_SECOND));
            wait = Math.max(wait, freeAt - now);
        }
        if (wait > 0) {
            return 0;
        }
        open = true;
        return (int) most;
    }

    /** How long to wait after {@link #admit} returned 0; {@link #FOREVER} until the faults change. */
    long waitNanos() {
        return wait;
    }

    /** So many bytes passed. */
    void passed(int count) {
        if (bytesPerSecond < FOREVER) {
            freeAt = Math.max(freeAt, nanoTime.getAsLong()) + count * SECOND / bytesPerSecond;
        }
    }
}
