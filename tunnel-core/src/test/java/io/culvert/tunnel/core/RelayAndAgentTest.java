package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.ConnectionInfo;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Both roles together, over the transport in memory. */
class RelayAndAgentTest {
    private final RelayFixture fixture =
            new RelayFixture(options -> options.domain("example.test").graceTime(Duration.ofSeconds(10)));
    private final AgentFixture agent = agent("owner-1");

    private AgentFixture agent(String token) {
        return new AgentFixture(fixture.network, fixture.relay.port(), token, options -> options);
    }

    @AfterEach
    void close() {
        agent.close();
        fixture.close();
    }

    @Test
    void bytesGoThereAndBackAndAreCountedAlike() throws Exception {
        fixture.network.echo(3000);
        Tunnel tunnel = agent.agent.expose(demo());
        assertThat(tunnel.publicUrl()).hasToString("http://demo.example.test:" + fixture.relay.port());
        assertThat(tunnel.name()).isEqualTo("demo");
        assertThat(tunnel.transport()).isEqualTo("memory");
        assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);

        OpenStream open = open(StreamKind.UPGRADE);
        assertThat(echo(open.stream(), "hello")).isEqualTo("hello");
        assertThat(tunnel.stats().openStreams()).isEqualTo(1);
        assertThat(tunnel.stats().upgradeBytesUp()).isEqualTo(5);
        assertThat(tunnel.stats().upgradeBytesDown()).isEqualTo(5);
        ConnectionInfo connection = fixture.relay.connections().get(0);
        assertThat(connection.id()).isEqualTo(open.stream().id());
        assertThat(connection.stream().role()).isEqualTo(Role.RELAY);
        open.meter().bytes(io.culvert.tunnel.Direction.UP, 5);
        assertThat(fixture.relay.connections().get(0).bytesUp()).isEqualTo(5);

        open.stream().end();
        await(() -> fixture.metrics.orderly.get() == 1 && agent.metrics.orderly.get() == 1);
        assertThat(fixture.relay.connections()).isEmpty();
        assertThat(tunnel.stats().openStreams()).isZero();
        assertThat(tunnel.stats().totalStreams()).isEqualTo(1);
        assertThat(agent.metrics.up).hasValue(5);
    }

    @Test
    void aLocalServiceThatIsNotThereIsReportedOnBothSides() throws Exception {
        Tunnel tunnel = agent.agent.expose(demo());
        assertThat(RelaySessionTest.error(fixture.tunnel("demo").open(StreamKind.HTTP)))
                .isEqualTo(TunnelError.LOCAL_REFUSED);
        assertThat(fixture.metrics.failed).containsExactly(TunnelError.LOCAL_REFUSED);
        assertThat(agent.metrics.failed).containsExactly(TunnelError.LOCAL_REFUSED);
        assertThat(tunnel.stats().failedStreams()).isEqualTo(1);
        assertThat(agent.metrics.opened).hasValue(0);
    }

    @Test
    void theRoundTripIsKnownSoonAndMeasuredAgain() throws Exception {
        Tunnel tunnel = agent.agent.expose(demo());
        await(() -> tunnel.roundTrip().isPresent());
        int known = agent.metrics.roundTrips.size();
        agent.clock.advance(Duration.ofSeconds(15));
        await(() -> agent.metrics.roundTrips.size() > known);
        assertThat(fixture.metrics.roundTrips).isEmpty();
        fixture.clock.advance(Duration.ofSeconds(15));
        await(() -> fixture.metrics.roundTrips.size() == 1);
        await(() -> agent.metrics.queued.get() == 0 && fixture.metrics.queued.get() == 0);
    }

    @Test
    void theLinkComesBackWithTheSameSessionAndItsStreamsGoOn() throws Exception {
        fixture.network.echo(3000);
        Tunnel tunnel = agent.agent.expose(demo());
        OpenStream open = open(StreamKind.HTTP);
        fixture.network.carriers.get(0).abort();
        await(() -> tunnel.state() == TunnelState.CONNECTING && agent.clock.waiting() > 0);
        assertThat(echo(open.stream(), "still")).isEqualTo("still");
        CompletableFuture<OpenStream> waits = fixture.tunnel("demo").open(StreamKind.HTTP);

        agent.clock.advance(Duration.ofMillis(250));
        await(() -> tunnel.state() == TunnelState.OPEN);
        assertThat(echo(waits.get(10, TimeUnit.SECONDS).stream(), "new")).isEqualTo("new");
        assertThat(echo(open.stream(), "old")).isEqualTo("old");
        assertThat(fixture.metrics.sessions).hasValue(1);
        assertThat(agent.metrics.reconnecting).containsExactly(TunnelError.LINK_LOST);
        await(() -> agent.states.size() == 3);
        assertThat(agent.states).containsExactly(TunnelState.OPEN, TunnelState.CONNECTING, TunnelState.OPEN);
        assertThat(agent.causes).extracting(TunnelException::error).containsExactly(TunnelError.LINK_LOST);
    }

    @Test
    void afterTheGraceTimeTheTunnelComesBackUnderItsName() throws Exception {
        fixture.network.echo(3000);
        Tunnel tunnel = agent.agent.expose(TunnelSpec.port(3000));
        String name = tunnel.name();
        OpenStream open = open(StreamKind.HTTP, name);
        fixture.network.up = false;
        fixture.network.carriers.get(0).abort();
        await(() -> {
            fixture.clock.advance(Duration.ofSeconds(1));
            return fixture.relay.tunnels().isEmpty();
        });
        await(() -> tunnel.state() == TunnelState.CONNECTING);
        assertThatThrownBy(() -> echo(open.stream(), "gone")).isInstanceOf(IOException.class);

        fixture.network.up = true;
        await(() -> {
            agent.clock.advance(Duration.ofSeconds(1));
            return tunnel.state() == TunnelState.OPEN;
        });
        assertThat(fixture.relay.tunnels()).containsOnlyKeys(name);
        assertThat(echo(open(StreamKind.HTTP, name).stream(), "back")).isEqualTo("back");
        assertThat(agent.metrics.tunnels).hasValue(1);
    }

    @Test
    void aReplacedAgentFinishesAndDoesNotComeBack() throws Exception {
        fixture.network.echo(3000);
        fixture.network.echo(4000);
        AgentFixture older = new AgentFixture(
                fixture.network, fixture.relay.port(), "owner-1", o -> o.drainTimeout(Duration.ofSeconds(30)));
        Tunnel tunnel = older.agent.expose(demo());
        OpenStream open = open(StreamKind.HTTP);
        Tunnel newer = agent.agent.expose(TunnelSpec.builder(4000).name("demo").build());
        assertThat(newer.publicUrl()).isEqualTo(tunnel.publicUrl());
        // The relay's fixture gives replaced agents no time, so the stream that is open is reset at once.
        await(() -> tunnel.state() == TunnelState.CLOSED);
        assertThatThrownBy(() -> echo(open.stream(), "gone")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> tunnel.closed().toCompletableFuture().get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TunnelException.class);
        await(() -> older.states.size() == 3);
        assertThat(older.states).containsExactly(TunnelState.OPEN, TunnelState.DRAINING, TunnelState.CLOSED);
        assertThat(older.causes).extracting(TunnelException::error).containsOnly(TunnelError.REPLACED);
        assertThat(echo(open(StreamKind.HTTP).stream(), "new")).isEqualTo("new");
        assertThatThrownBy(() -> older.agent.expose(demo())).hasMessageContaining("took the tunnel over");
        older.close();
    }

    @Test
    void aTakenNameIsTold() {
        fixture.network.echo(3000);
        agent.agent.expose(demo());
        try (AgentFixture other = agent("owner-2")) {
            assertThatThrownBy(() -> other.agent.expose(demo()))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.NAME_TAKEN));
            assertThat(other.agent.expose(TunnelSpec.port(3000)).state()).isEqualTo(TunnelState.OPEN);
            await(() -> other.states.equals(List.of(TunnelState.OPEN)));
        }
    }

    @Test
    void aWrongTokenEndsTheAgentAtOnce() {
        try (AgentFixture other = agent("nobody")) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> other.agent.expose(demo()))
                        .isInstanceOfSatisfying(TunnelException.class, x -> assertThat(x.error())
                                .isEqualTo(TunnelError.UNAUTHORIZED));
            }
            assertThat(fixture.network.dials).hasValue(1);
        }
    }

    @Test
    void tunnelsCloseOneByOneAndWithTheAgent() throws Exception {
        fixture.network.echo(3000);
        Tunnel one = agent.agent.expose(demo());
        Tunnel two = agent.agent.expose(TunnelSpec.port(3000));
        OpenStream open = open(StreamKind.HTTP);
        one.close();
        one.close();
        assertThat(one.state()).isEqualTo(TunnelState.CLOSED);
        assertThat(one.closed().toCompletableFuture().get(10, TimeUnit.SECONDS)).isNull();
        assertThatThrownBy(() -> echo(open.stream(), "gone")).isInstanceOf(IOException.class);
        await(() -> fixture.relay.tunnels().size() == 1);

        agent.close();
        agent.close();
        assertThat(two.state()).isEqualTo(TunnelState.CLOSED);
        assertThat(fixture.network.closedAgents).hasValue(1);
        assertThat(agent.clock.isShutdown()).isTrue();
        await(() -> fixture.metrics.sessions.get() == 0);
        assertThat(fixture.relay.tunnels()).isEmpty();
        assertThat(agent.metrics.tunnels).hasValue(0);
        await(() -> agent.metrics.opened.get() == agent.metrics.orderly.get() + agent.metrics.reset.get());
        assertThatThrownBy(() -> agent.agent.expose(demo())).hasMessageContaining("closed");
    }

    @Test
    void openStreamsMayFinishBeforeTheTunnelCloses() throws Exception {
        fixture.network.echo(3000);
        try (AgentFixture patient = new AgentFixture(
                fixture.network, fixture.relay.port(), "owner-1", o -> o.drainTimeout(Duration.ofHours(1)))) {
            Tunnel tunnel = patient.agent.expose(demo());
            OpenStream open = open(StreamKind.HTTP);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(tunnel::close);
            await(() -> tunnel.state() == TunnelState.DRAINING
                    && fixture.relay.tunnels().isEmpty());
            assertThat(echo(open.stream(), "last words")).isEqualTo("last words");
            assertThat(closing).isNotDone();
            open.stream().end();
            closing.get(10, TimeUnit.SECONDS);
            await(() -> patient.metrics.orderly.get() == 1);
            assertThat(patient.metrics.reset).hasValue(0);
        }
    }

    @Test
    void whatMetricsAndListenersThrowGoesNoFurther() throws Exception {
        TunnelMetrics broken = (TunnelMetrics) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TunnelMetrics.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("broken metrics");
                });
        fixture.network.echo(3000);
        try (AgentFixture other =
                new AgentFixture(fixture.network, fixture.relay.port(), "owner-1", options -> options.metrics(broken)
                        .listener((tunnel, state, cause) -> {
                            throw new IllegalStateException("broken listener");
                        }))) {
            other.agent.expose(demo());
            assertThat(echo(open(StreamKind.HTTP).stream(), "fine")).isEqualTo("fine");
        }
        await(() -> fixture.relay.tunnels().isEmpty());
    }

    private static TunnelSpec demo() {
        return TunnelSpec.builder(3000).name("demo").build();
    }

    private OpenStream open(StreamKind kind) throws Exception {
        return open(kind, "demo");
    }

    private OpenStream open(StreamKind kind, String name) throws Exception {
        return fixture.tunnel(name).open(kind).get(10, TimeUnit.SECONDS);
    }

    private static String echo(DataStream stream, String text) throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        stream.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), Ending.of(failure -> {
            if (failure == null) {
                written.complete(null);
            } else {
                written.completeExceptionally(failure);
            }
        }));
        try {
            written.get(10, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException x) {
            throw new IOException(x);
        }
        ByteBuffer back = ByteBuffer.allocate(text.length());
        while (back.hasRemaining()) {
            CompletableFuture<Void> readable = new CompletableFuture<>();
            stream.onReadable(() -> readable.complete(null));
            readable.get(10, TimeUnit.SECONDS);
            if (stream.read(back) < 0) {
                throw new IOException("ended");
            }
        }
        return new String(back.array(), StandardCharsets.UTF_8);
    }
}
