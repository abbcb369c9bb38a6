package io.culvert.tunnel.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** When bytes may pass, by a clock that the test moves. */
class GateTest {
    private static final long MILLI = 1_000_000;

    private final Rules rules = new Rules(1);
    private long now;
    private long overtakers;
    private final Gate gate = new Gate(() -> now, new Random(1), () -> overtakers);

    private List<Rule> force(Consumer<FaultScope> fault) {
        fault.accept(new Scope(rules, Subject.Level.STREAM, "everything", any -> true, rules::add));
        return rules.inForce();
    }

    @Test
    void withoutFaultsAllMayPass() {
        gate.arrive();
        assertThat(gate.admit(List.of(), 1000)).isEqualTo(1000);
    }

    @Test
    void latencyCountsFromTheArrival() {
        List<Rule> latency = force(scope -> scope.latency(Duration.ofMillis(30)));
        gate.arrive();
        now += 10 * MILLI;
        assertThat(gate.admit(latency, 2)).isZero();
        assertThat(gate.waitNanos()).isEqualTo(20 * MILLI);
        gate.arrive(); // more comes; it goes with the first
        now += 19 * MILLI;
        assertThat(gate.admit(latency, 2)).isZero();
        now += MILLI;
        assertThat(gate.admit(latency, 2)).isEqualTo(2);
        gate.drained();
        gate.arrive();
        assertThat(gate.admit(latency, 1)).isZero();
    }

    @Test
    void latencyWithoutAnArrivalWaitsForOne() {
        List<Rule> latency = force(scope -> scope.latency(Duration.ofMillis(30)));
        assertThat(gate.admit(latency, 1)).isZero();
        assertThat(gate.waitNanos()).isEqualTo(Gate.FOREVER);
    }

    @Test
    void latencyBetweenTwoStaysBetweenThem() {
        List<Rule> latency = force(scope -> scope.latency(Duration.ofMillis(10), Duration.ofMillis(20)));
        for (int i = 0; i < 100; i++) {
            gate.arrive();
            assertThat(gate.admit(latency, 1)).isZero();
            assertThat(gate.waitNanos()).isBetween(10 * MILLI, 20 * MILLI);
            now += 20 * MILLI;
            assertThat(gate.admit(latency, 1)).isEqualTo(1);
            gate.drained();
        }
    }

    @Test
    void bandwidthIsNeverExceeded() {
        List<Rule> bandwidth = force(scope -> scope.bandwidth(1_000_000));
        gate.arrive();
        long passed = 0;
        while (passed < 200_000) {
            int most = gate.admit(bandwidth, 200_000);
            if (most == 0) {
                assertThat(gate.waitNanos()).isPositive();
                now += gate.waitNanos();
            } else {
                passed += most;
                gate.passed(most);
                // A slice of 50 ms goes ahead of its time.
                assertThat(passed).isLessThanOrEqualTo(50_000 + now / 1000);
            }
        }
        assertThat(now).isEqualTo(150 * MILLI);
    }

    @Test
    void theNarrowestBandwidthAndAllLatenciesCount() {
        force(scope -> scope.bandwidth(1_000_000));
        force(scope -> scope.bandwidth(2000));
        force(scope -> scope.latency(Duration.ofMillis(5)));
        List<Rule> all = force(scope -> scope.latency(Duration.ofMillis(6)));
        gate.arrive();
        assertThat(gate.admit(all, 1000)).isZero();
        assertThat(gate.waitNanos()).isEqualTo(11 * MILLI);
        now += 11 * MILLI;
        assertThat(gate.admit(all, 1000)).isEqualTo(100);
    }

    @Test
    void overtakenBytesWaitForOthersButNotForEver() {
        List<Rule> overtaken = List.of(new Rule(
                rules,
                Subject.Level.STREAM,
                "everything",
                any -> true,
                1,
                1,
                null,
                new Effect(Effect.Kind.OVERTAKEN, 10 * MILLI, 10 * MILLI, io.culvert.tunnel.TunnelError.RESET)));
        gate.arrive();
        assertThat(gate.admit(overtaken, 5)).isZero();
        overtakers++;
        assertThat(gate.admit(overtaken, 5)).isEqualTo(5);
        gate.drained();
        gate.arrive();
        assertThat(gate.admit(overtaken, 5)).isZero();
        now += 10 * MILLI;
        assertThat(gate.admit(overtaken, 5)).isEqualTo(5);
    }
}
