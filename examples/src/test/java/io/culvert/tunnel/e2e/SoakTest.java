package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.testkit.fault.ConnectionKind;
import io.culvert.tunnel.testkit.fault.Fault;
import io.culvert.tunnel.testkit.fault.FaultProxy;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many visitors who do all they can do at once, while networks and streams fail and relays and agents are restarted, at random. Every byte
 * arrives exactly, in order and once, or there is an error on both sides. When the faults are over all works again, and after the end nothing
 * is left. {@code -Dsoak.seconds} says for how long there are faults, which is short unless the profile {@code soak} is on. {@code -Dsoak.seed=…}
 * chooses the same things again; anything but a number is a new one.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SoakTest {
    private static final int SECONDS = Integer.getInteger("soak.seconds", 5);
    private static final int VISITORS = Integer.getInteger("soak.visitors", 12);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final long seed =
            Long.getLong("soak.seed", ThreadLocalRandom.current().nextLong());
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, AtomicLong> totals = new ConcurrentSkipListMap<>();
    private final AtomicInteger agents = new AtomicInteger();

    private TransportCase transport;
    private StreamFaults faults;
    private FaultProxy network;
    private SoakService service;
    private TunnelRelay relay;
    private TunnelAgent agent;

    private void count(String what) {
        totals.computeIfAbsent(what, key -> new AtomicLong()).incrementAndGet();
    }

    private TunnelRelay relay(int port) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .domain("example.test")
                .port(port)
                .graceTime(Duration.ofSeconds(20))
                .drainTimeout(Duration.ofSeconds(1))
                .transport(faults.around(transport.transport()));
        transport.on(builder);
        return builder.start();
    }

    private TunnelAgent agent() {
        TunnelAgent.Builder builder = TunnelAgent.builder().relay(network.uri()).drainTimeout(Duration.ofSeconds(1));
        transport.on(builder);
        TunnelAgent made = builder.build();
        agents.incrementAndGet();
        made.expose(TunnelSpec.builder(service.port()).name("demo").build());
        return made;
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void everyByteOrAnErrorOnBothSides(TransportCase carriedBy) throws Exception {
        transport = carriedBy;
        Leaks leaks = Leaks.from();
        faults = StreamFaults.create(seed);
        service = new SoakService();
        relay = relay(0);
        int port = relay.port();
        network = FaultProxy.beforeRelay(port, seed);
        agent = agent();
        try {
            storm(port);
            faults.reset();
            network.reset();
            calm(port);
        } finally {
            agent.close();
            network.close();
            relay.close();
            service.close();
        }
        System.out.println("soak over " + carriedBy + ", seed " + seed + ": " + totals);
        failures.addAll(service.failures());
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError("The soak failed; -Dsoak.seed=" + seed + " chooses the same.");
            failures.forEach(error::addSuppressed);
            throw error;
        }
        leaks.assertNone(30);
    }

    /** Visitors at work, and faults all the time. */
    private void storm(int port) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        Random random = new Random(seed);
        List<Thread> visitors = new ArrayList<>();
        for (int i = 0; i < VISITORS; i++) {
            Random own = new Random(random.nextLong());
            visitors.add(start("soak-visitor-" + i, () -> visit(port, own, end)));
        }
        while (System.nanoTime() < end && failures.isEmpty()) {
            disturb(random);
        }
        for (Thread visitor : visitors) {
            visitor.join(TimeUnit.SECONDS.toMillis(150));
            assertThat(visitor.isAlive()).as("%s, seed %d", visitor, seed).isFalse();
        }
    }

    private static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void visit(int port, Random random, long end) {
        try (SoakVisitor visitor = new SoakVisitor(port, service, random)) {
            while (System.nanoTime() < end && failures.isEmpty()) {
                SoakVisitor.Deed deed = SoakVisitor.Deed.values()[random.nextInt(SoakVisitor.Deed.values().length)];
                try {
                    visitor.perform(deed);
                    count(deed + " whole");
                } catch (SocketTimeoutException x) {
                    failures.add(new AssertionError(deed + " hangs, no error tells why", x));
                } catch (SoakVisitor.Refused x) {
                    count("error " + x.getMessage());
                } catch (IOException x) {
                    count(deed + " cut");
                }
            }
        } catch (IOException | RuntimeException | AssertionError x) {
            failures.add(x);
        }
    }

    private void disturb(Random random) throws Exception {
        Thread.sleep(random.nextInt(150)); // nothing waits for it: faults come at any time
        switch (random.nextInt(16)) {
            case 0 -> last(random, "latency", network.onConnections().latency(Duration.ZERO, Duration.ofMillis(30)));
            case 1 -> last(random, "bandwidth", network.onConnections().bandwidth(500_000));
            case 2 -> last(random, "stall", network.onConnections().stall());
            case 3 ->
                last(
                        random,
                        "single bytes",
                        network.onConnections().withProbability(0.3).singleBytes());
            case 4 -> last(random, "truncated connections", truncation(random));
            case 5 ->
                last(random, "reset data", network.onData().withProbability(0.3).reset());
            case 6 -> last(random, "reset control", network.onControl().reset());
            case 7 ->
                last(
                        random,
                        "reorder",
                        network.reorder(
                                random.nextBoolean() ? ConnectionKind.CONTROL : ConnectionKind.DATA,
                                random.nextBoolean() ? Direction.UP : Direction.DOWN));
            case 8 ->
                last(random, "refused connections", network.onConnections().refuse());
            case 9 ->
                last(
                        random,
                        "reset streams",
                        faults.onStreams().withProbability(0.3).reset());
            case 10 ->
                last(
                        random,
                        "truncated requests",
                        faults.onRequests(head -> true).withProbability(0.2).truncate(random.nextInt(50_000)));
            case 11 ->
                last(
                        random,
                        "truncated bodies",
                        faults.onRequests(head -> true)
                                .withProbability(0.2)
                                .only(Direction.UP)
                                .truncate(random.nextInt(50_000)));
            case 12 ->
                last(
                        random,
                        "single bytes of streams",
                        faults.onStreams().withProbability(0.2).singleBytes());
            case 13 ->
                last(
                        random,
                        "stalled streams",
                        faults.onStreams().withProbability(0.3).stall());
            case 14 -> takeOver(random.nextBoolean());
            default -> restartRelay(random);
        }
    }

    private Fault truncation(Random random) {
        return network.onConnections().withProbability(0.3).truncate(random.nextInt(100_000));
    }

    private void last(Random random, String what, Fault fault) throws InterruptedException {
        Thread.sleep(random.nextInt(300));
        fault.close();
        count("fault: " + what);
    }

    /** A new agent takes the name over, before or after the older one is gone. */
    private void takeOver(boolean orderly) {
        TunnelAgent older = agent;
        if (!orderly) {
            older.close();
        }
        agent = agent();
        older.close();
        count(orderly ? "fault: takeover" : "fault: agent restarted");
    }

    private void restartRelay(Random random) throws Exception {
        if (random.nextInt(3) > 0) {
            return;
        }
        int port = relay.port();
        relay.close();
        relay = relay(port);
        count("fault: relay restarted");
    }

    /** No faults any more: after a while everything succeeds. */
    private void calm(int port) throws Exception {
        Random random = new Random(seed);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> {
                    try (SoakVisitor probe = new SoakVisitor(port, service, random)) {
                        probe.perform(SoakVisitor.Deed.DOWNLOAD);
                        return true;
                    }
                });
        for (int i = 0; i < VISITORS; i++) {
            try (SoakVisitor visitor = new SoakVisitor(port, service, random)) {
                for (SoakVisitor.Deed deed : SoakVisitor.Deed.values()) {
                    visitor.perform(deed);
                    count("afterwards " + deed);
                }
            }
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(openStreams()).isZero());
    }

    /** Streams under way; those kept for the next request end by themselves. */
    private long openStreams() {
        return relay.connections().stream()
                .filter(open -> open.stream().kind() == StreamKind.UPGRADE)
                .count();
    }
}
