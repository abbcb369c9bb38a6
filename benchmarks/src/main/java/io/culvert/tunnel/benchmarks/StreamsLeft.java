package io.culvert.tunnel.benchmarks;

import io.culvert.tunnel.TunnelRelay;
import java.util.concurrent.TimeUnit;

/** Finds streams that a relay still has when its agents are closed. */
public final class StreamsLeft {
    private StreamsLeft() {}

    /**
     * Waits for them to end.
     *
     * @throws IllegalStateException if one does not
     */
    public static void check(TunnelRelay relay, long patienceMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (!relay.connections().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "The agent is closed and the relay still has streams: " + relay.connections());
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
