package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.testkit.fault.FaultProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever comes and goes in one JVM, again and again, leaves no object, thread or socket of ours behind. Hundreds of times by default;
 * {@code -Dcycles=20} does twenty times as much.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CyclesTest {
    private static final int TIMES = Integer.getInteger("cycles", 1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Far less than one for each cycle: what caches, pools and class loading keep. */
    private static final int ALLOWED = 20;

    private static final int DESCRIPTORS = 40;

    private interface Cycle {
        void run(int number) throws Exception;
    }

    private static void assertNothingStays(int cycles, Cycle cycle) throws Exception {
        assertNothingStays(cycles, ALLOWED, cycle);
    }

    private static void assertNothingStays(int cycles, int allowed, Cycle cycle) throws Exception {
        for (int i = 0; i < cycles; i++) {
            cycle.run(i); // until pools have what they keep
        }
        Leaks leaks = Leaks.from();
        LiveObjects live = LiveObjects.now();
        for (int i = 0; i < cycles * TIMES; i++) {
            cycle.run(i);
        }
        live.assertNoMore(allowed);
        leaks.assertNone(DESCRIPTORS, "culvert"); // their pools may have grown to their bound
    }

    private static TunnelRelay relay(TransportCase transport) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .domain("example.test")
                .drainTimeout(Duration.ZERO)
                .timeouts(times -> times.reuse(Duration.ofMillis(200)));
        transport.on(builder);
        return builder.start();
    }

    private static TunnelAgent.Builder agent(TransportCase transport) {
        TunnelAgent.Builder builder = TunnelAgent.builder().drainTimeout(Duration.ZERO);
        transport.on(builder);
        return builder;
    }

    private static void visit(int port, String host) throws Exception {
        try (RawHttp visitor = RawHttp.connect(port)) {
            visitor.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(visitor.readResponse().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP", "TCP_WITHOUT_SLOTS"})
    void tunnelsOfOneLink(TransportCase transport) throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                TunnelRelay relay = relay(transport);
                TunnelAgent agent = agent(transport)
                        .drainTimeout(Duration.ofSeconds(30))
                        .relay(relay.uri())
                        .build();
                Tunnel stays = agent.expose(TunnelSpec.port(origin.port()))) {
            assertNothingStays(300, number -> {
                String name = "n" + number;
                try (Tunnel tunnel = agent.expose(
                        TunnelSpec.builder(origin.port()).name(name).build())) {
                    if (number % 5 == 0) {
                        visit(relay.port(), name + ".example.test");
                    }
                    assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
                }
            });
            assertThat(stays.state()).isEqualTo(TunnelState.OPEN);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(relay.tunnels()).hasSize(1));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void agentsOfOneRelay(TransportCase transport) throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                TunnelRelay relay = relay(transport)) {
            assertNothingStays(30, number -> {
                try (TunnelAgent agent = agent(transport).relay(relay.uri()).build();
                        Tunnel tunnel = agent.expose(
                                TunnelSpec.builder(origin.port()).name("demo").build())) {
                    assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
                    visit(relay.port(), "demo.example.test");
                }
            });
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(relay.tunnels()).isEmpty());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(relay.connections()).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void relaysOfOneProcess(TransportCase transport) throws Exception {
        assertNothingStays(30, number -> {
            try (TunnelRelay relay = relay(transport);
                    TunnelAgent agent = agent(transport).relay(relay.uri()).build();
                    Tunnel tunnel =
                            agent.expose(TunnelSpec.builder(1).name("demo").build())) {
                assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void linksOfOneAgent(TransportCase transport) throws Exception {
        List<TunnelState> states = new CopyOnWriteArrayList<>();
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                TunnelRelay relay = relay(transport);
                FaultProxy network = FaultProxy.beforeRelay(relay.port());
                TunnelAgent agent = agent(transport)
                        .relay(network.uri())
                        .listener((tunnel, state, cause) -> states.add(state))
                        .build();
                Tunnel tunnel = agent.expose(
                        TunnelSpec.builder(origin.port()).name("demo").build())) {
            assertNothingStays(12, 8, number -> {
                states.clear();
                network.onControl().reset();
                await().atMost(PATIENCE).until(() -> states.contains(TunnelState.CONNECTING));
                await().atMost(PATIENCE).until(() -> tunnel.state() == TunnelState.OPEN);
                visit(relay.port(), "demo.example.test");
            });
        }
    }
}
