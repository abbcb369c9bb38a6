package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.testkit.TransportContract;
import io.culvert.tunnel.testkit.TransportPair;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** A transport with faults still is one: what the faults leave alone, and what they only slow down, keeps the contract. */
class FaultContractTest {
    @Nested
    class WithoutFaults implements TransportContract {
        @Override
        public TransportPair newPair() {
            return TransportPair.of(StreamFaults.create().around("memory")).build();
        }
    }

    @Nested
    class WithLatency implements TransportContract {
        @Override
        public TransportPair newPair() {
            StreamFaults faults = StreamFaults.create();
            faults.onStreams().latency(Duration.ZERO, Duration.ofMillis(1));
            return TransportPair.of(faults.around("memory")).build();
        }
    }
}
