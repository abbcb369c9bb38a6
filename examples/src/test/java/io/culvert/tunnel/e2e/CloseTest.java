package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything can be closed, at any time, as often as one likes, and leaves nothing behind. */
class CloseTest {
    /** How often to open and close; thousands take minutes. */
    private static final int CYCLES = Integer.getInteger("culvert.test.closeCycles", 15);

    private static final int WARM_UP = 3;
    private static final int DESCRIPTORS = 12; // what class loading and the JDK's clients open meanwhile

    private static void visit(Rig rig) throws Exception {
        try (RawHttp visitor = rig.visit()) {
            visitor.send("GET / HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
            assertThat(visitor.readResponse().text()).isEqualTo("fine");
        }
    }

    @ParameterizedTest
    @EnumSource(TransportCase.class)
    void cyclesLeaveNoThreadAndNoSocket(TransportCase transport) throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"))) {
            Leaks leaks = Leaks.from();
            for (int i = 0; i < CYCLES + WARM_UP; i++) {
                if (i == WARM_UP) {
                    leaks = Leaks.from();
                }
                try (Rig rig = Rig.start(transport, origin.port())) {
                    visit(rig);
                }
            }
            leaks.assertNone(DESCRIPTORS);
        }
    }

    @ParameterizedTest
    @EnumSource(TransportCase.class)
    void cyclesOfAgentsLeaveNothingAtTheRelay(TransportCase transport) throws Exception {
        TunnelRelay.Builder builder = TunnelRelay.builder().drainTimeout(Duration.ZERO);
        transport.on(builder);
        try (TunnelRelay relay = builder.start()) {
            Leaks leaks = Leaks.from();
            for (int i = 0; i < CYCLES + WARM_UP; i++) {
                if (i == WARM_UP) {
                    leaks = Leaks.from();
                }
                TunnelAgent.Builder agentBuilder = TunnelAgent.builder().relay(relay.uri());
                transport.on(agentBuilder);
                try (TunnelAgent agent = agentBuilder.build();
                        Tunnel tunnel = agent.expose(TunnelSpec.port(1))) {
                    assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
                }
            }
            await().untilAsserted(() -> assertThat(relay.tunnels()).isEmpty());
            leaks.assertNone(DESCRIPTORS, "culvert-relay");
        }
    }

    @ParameterizedTest
    @EnumSource(TransportCase.class)
    void closingWithOpenStreamsLeavesNothing(TransportCase transport) throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
            c.readHead();
            c.send(Upgrades.SWITCHING).readToEnd();
        })) {
            Leaks leaks = Leaks.from();
            try (Rig rig = Rig.start(transport, origin.port());
                    RawHttp visitor = rig.visit()) {
                visitor.send(Upgrades.request(rig.host())).readHead();
                rig.agent.close();
                visitor.assertOver();
                rig.relay.close();
            }
            leaks.assertNone(DESCRIPTORS);
        }
    }

    @Test
    void visitorsThatResetAreForgottenAtOnce() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                Rig rig = Rig.start(TransportCase.TCP, origin.port())) {
            visit(rig);
            Leaks leaks = Leaks.from();
            for (int i = 0; i < 5 * DESCRIPTORS; i++) {
                RawHttp visitor = rig.visit();
                visitor.send("GET / HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
                visitor.readResponse();
                visitor.reset();
            }
            leaks.assertNone(DESCRIPTORS, "culvert");
        }
    }

    @Test
    void closeMayBeCalledAgainAndFromManyThreads() throws Exception {
        Rig rig = Rig.start(TransportCase.TCP, 1);
        CyclicBarrier together = new CyclicBarrier(4);
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closing.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            together.await(30, TimeUnit.SECONDS);
                        } catch (Exception x) {
                            throw new AssertionError(x);
                        }
                        rig.tunnel.close();
                        rig.agent.close();
                        rig.relay.close();
                    },
                    task -> new Thread(task).start()));
        }
        for (CompletableFuture<Void> one : closing) {
            one.get(30, TimeUnit.SECONDS);
        }
        rig.close();
        rig.tunnel.close();
        assertThat(rig.tunnel.state()).isEqualTo(TunnelState.CLOSED);
        assertThat(rig.tunnel.closed().toCompletableFuture()).isCompletedWithValue(null);
    }

    @Test
    void anAgentThatWasClosedExposesNothing() {
        try (Rig rig = Rig.start(TransportCase.TCP, 1)) {
            rig.agent.close();
            assertThatThrownBy(() -> rig.agent.expose(TunnelSpec.port(1)))
                    .isInstanceOfSatisfying(
                            TunnelException.class,
                            x -> assertThat(x.error().code()).isEqualTo("closed"));
        }
    }

    @Test
    void closeLetsOpenExchangesFinish() throws Exception {
        CompletableFuture<Void> closing = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> finish = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    asked.complete(null);
                    finish.get(30, TimeUnit.SECONDS);
                    c.send(RawOrigin.ok("finished"));
                });
                TunnelRelay relay =
                        TunnelRelay.builder().drainTimeout(Duration.ZERO).start();
                TunnelAgent agent = TunnelAgent.builder().relay(relay.uri()).build();
                Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()));
                RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
            visitor.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            asked.get(30, TimeUnit.SECONDS);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(
                    () -> {
                        closing.complete(null);
                        agent.close();
                    },
                    task -> new Thread(task).start());
            closing.get(30, TimeUnit.SECONDS);
            await().until(() -> tunnel.state() != TunnelState.OPEN);
            assertThat(closed).isNotDone();
            finish.complete(null);
            assertThat(visitor.readResponse().text()).isEqualTo("finished");
            closed.get(30, TimeUnit.SECONDS);
        }
    }
}
