package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelayCloseTest {
    @Test
    void agentsAreToldAndClosed() throws Exception {
        RelayFixture fixture =
                new RelayFixture(options -> options.domain("example.test").drainTimeout(Duration.ofSeconds(7)));
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        PublicTunnel tunnel = fixture.tunnel("demo");
        var pending = tunnel.open(StreamKind.HTTP);
        agent.next(HttpRequest.class);
        MemoryNetwork.Edge edge = fixture.edge();
        CompletableFuture<Drain> told = new CompletableFuture<>();
        edge.whileDraining = () -> told.complete(agent.next(Drain.class));
        fixture.relay.close();

        assertThat(told).isCompletedWithValue(new Drain(7000, "closing"));
        assertThat(agent.closeCode()).isEqualTo(1001);
        assertThat(edge.drained).hasValue(1);
        assertThat(edge.closed).hasValue(1);
        assertThat(pending).isCompletedExceptionally();
        assertThat(fixture.metrics.sessions).hasValue(0);
        assertThat(fixture.metrics.tunnels).hasValue(0);
        assertThat(fixture.clock.isShutdown()).isTrue();
        fixture.close();
    }

    @Test
    void connectionsThatOutlastTheDrainTimeHearItOnce() throws Exception {
        RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"));
        fixture.agent().register("a", "demo");
        AtomicInteger farewells = new AtomicInteger();
        AtomicInteger takenBack = new AtomicInteger();
        fixture.tunnel("demo").onFarewell(farewells::incrementAndGet);
        fixture.tunnel("demo").onFarewell(takenBack::incrementAndGet).run();
        MemoryNetwork.Edge edge = fixture.edge();
        edge.allDone = false;
        fixture.relay.close();
        assertThat(farewells).hasValue(1);
        assertThat(takenBack).hasValue(0);
        assertThat(edge.drained).hasValue(2);
        fixture.close();
    }

    @Test
    void whoWaitsForAnAgentHearsThatTheRelayCloses() throws Exception {
        RelayFixture fixture = new RelayFixture(options -> options.domain("example.test"));
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        PublicTunnel tunnel = fixture.tunnel("demo");
        agent.carrier().abort();
        List<CompletableFuture<OpenStream>> waiting = new ArrayList<>();
        await(() -> {
            int timers = fixture.clock.waiting();
            waiting.add(tunnel.open(StreamKind.HTTP));
            return fixture.clock.waiting() == timers; // the transport was not asked
        });
        fixture.close();
        assertThat(waiting).extracting(RelaySessionTest::error).containsOnly(TunnelError.CLOSING);
    }

    @Test
    void closeIsIdempotentFromManyThreads() throws Exception {
        RelayFixture fixture = new RelayFixture();
        fixture.agent().register("a", "demo");
        MemoryNetwork.Edge edge = fixture.edge();
        List<CompletableFuture<Void>> closers = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.runAsync(() -> {
                    fixture.relay.close();
                    assertThat(edge.closed).hasValue(1);
                }))
                .toList();
        closers.forEach(CompletableFuture::join);
        fixture.relay.close();
        assertThat(edge.closed).hasValue(1);
        fixture.close();
    }

    @Test
    void noThreadIsLeft() {
        MemoryNetwork network = new MemoryNetwork();
        TunnelRelay relay =
                RelayRuntime.start(TunnelRelay.builder().transports("memory").options(), network);
        relay.close();
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("culvert-relay-scheduler")));
        network.close();
    }

    @Test
    void aRelayThatCannotListenLeavesNothing() {
        MemoryNetwork network = new MemoryNetwork();
        TunnelRelay first = RelayRuntime.start(
                TunnelRelay.builder().transports("memory").port(4000).options(), network);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> RelayRuntime.start(
                        TunnelRelay.builder().transports("memory").port(4000).options(), network))
                .hasMessageContaining("4000");
        first.close();
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("culvert-relay-scheduler")));
        network.close();
    }
}
