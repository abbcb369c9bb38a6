package io.culvert.tunnel.testkit.fault;

import java.time.Duration;

/** A fault in force, as {@link FaultScope} made it. All methods may be called from any thread. */
public interface Fault extends AutoCloseable {
    /**
     * How many requests, streams or connections it was applied to so far. A truncation counts those that it cut. A request that the relay
     * repeats by itself counts once.
     */
    int hits();

    /**
     * Waits until it was applied that often.
     *
     * @param hits how often, at least 1
     * @param atMost how long to wait
     * @throws AssertionError if that did not happen in time; it names the fault and the seed
     */
    void awaitHits(int hits, Duration atMost);

    /** Lifts it: what it held back goes on. What it already broke stays broken. Idempotent. */
    @Override
    void close();
}
