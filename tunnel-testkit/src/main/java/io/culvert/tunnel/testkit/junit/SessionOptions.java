package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import java.util.List;
import java.util.function.Consumer;

/**
 * How a session's relay and agent are made.
 *
 * @param transports the transports to use, the preferred first; empty for those that are found
 * @param seed what chance in faults depends on; 0 for another one each time
 * @param badNetwork whether everything may happen to the relay that {@link io.culvert.tunnel.testkit.fault.FaultRelay} can do
 * @param leakCheck whether closing fails where something was left open
 * @param relay changes the relay's options, after those of the session were set
 * @param agent changes the agent's
 */
record SessionOptions(
        List<String> transports,
        long seed,
        boolean badNetwork,
        boolean leakCheck,
        Consumer<TunnelRelay.Builder> relay,
        Consumer<TunnelAgent.Builder> agent) {
    /** As an annotation says. */
    static SessionOptions of(TunnelTest test) {
        return new SessionOptions(
                List.of(test.transport()), test.seed(), test.badNetwork(), test.leakCheck(), any -> {}, any -> {});
    }
}
