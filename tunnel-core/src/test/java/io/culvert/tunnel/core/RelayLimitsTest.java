package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a relay keeps within bounds of its agents. */
class RelayLimitsTest {
    private static final int CREDIT = 64 * 1024;

    private static RelayFixture relay(UnaryOperator<TunnelRelay.Builder> options) {
        return new RelayFixture(builder -> options.apply(builder.domain("example.test")));
    }

    /** An agent whose streams travel in messages. */
    private static Registered register(RelayFixture fixture, String agentId, String name) throws InterruptedException {
        RawPeer agent = fixture.agent();
        agent.send(RawPeer.register(TunnelMessage.VERSION, agentId, List.of(MultiplexerTransportProvider.NAME), name));
        return agent.next(Registered.class);
    }

    private static CompletableFuture<OpenStream> open(RelayFixture fixture, String name) {
        return fixture.tunnel(name).open(StreamKind.HTTP);
    }

    @Test
    void agentsInAll() throws Exception {
        try (RelayFixture fixture = relay(options -> options.limits(l -> l.sessions(1)))) {
            RawPeer first = fixture.agent();
            Registered session = first.register("a", "demo");
            Refused refused = fixture.agent()
                    .send(RawPeer.register(TunnelMessage.VERSION, "b", List.of("memory"), "other"))
                    .next(Refused.class);
            assertThat(refused.code()).isEqualTo("overloaded");
            assertThat(refused.retryable()).isTrue();
            assertThat(fixture.metrics.reached).containsExactly(Limit.SESSIONS);
            assertThat(fixture.agent().register("a", "demo").session()).isEqualTo(session.session());
            fixture.clock.advance(Duration.ofSeconds(1));
            assertThat(fixture.metrics.sessions).hasValue(1);
        }
    }

    @Test
    void agentsOfOneOwner() throws Exception {
        try (RelayFixture fixture = relay(options -> options.limits(l -> l.sessionsPerOwner(1)))) {
            RawPeer first = fixture.agent("owner-1");
            Registered session = first.register("a", "demo");
            Refused refused = fixture.agent("owner-1")
                    .send(RawPeer.register(TunnelMessage.VERSION, "b", List.of("memory"), "other"))
                    .next(Refused.class);
            assertThat(refused.code()).isEqualTo("overloaded");
            assertThat(refused.retryable()).isTrue();
            assertThat(fixture.metrics.reached).containsExactly(Limit.SESSIONS_PER_OWNER);
            fixture.agent("owner-2").register("a", "another");
            RawPeer back = fixture.agent("owner-1");
            assertThat(back.register("a", "demo").session()).isEqualTo(session.session());
            back.send(new Drain(0, "closing"));
            back.next(Drained.class);
            back.carrier().close(1000, "");
            await(() -> fixture.metrics.sessions.get() == 1);
            fixture.agent("owner-1").register("b", "demo");
        }
    }

    @Test
    void timeToRegister() {
        try (RelayFixture fixture = relay(options -> options)) {
            RawPeer silent = fixture.agent();
            fixture.clock.advance(Duration.ofSeconds(5));
            assertThat(silent.closeCode()).isEqualTo(1002);
            assertThat(fixture.metrics.reached).containsExactly(Limit.REGISTER_TIME);
        }
    }

    @Test
    void bytesQueuedForOneSession() throws Exception {
        try (RelayFixture fixture = relay(options -> options.transports(MultiplexerTransportProvider.NAME)
                .limits(l -> l.credit(CREDIT).queuedBytesPerSession(CREDIT)))) {
            assertThat(register(fixture, "a", "demo").limits().credit()).isEqualTo(CREDIT);
            register(fixture, "b", "other");
            OpenStream stream = open(fixture, "demo").join();
            assertThat(RelaySessionTest.error(open(fixture, "demo"))).isEqualTo(TunnelError.OVERLOADED);
            assertThat(fixture.metrics.reached).containsExactly(Limit.QUEUED_BYTES_PER_SESSION);
            open(fixture, "other").join();
            stream.stream().close();
            open(fixture, "demo").join();
        }
    }

    @Test
    void bytesQueuedInAll() throws Exception {
        try (RelayFixture fixture = relay(options -> options.transports(MultiplexerTransportProvider.NAME)
                .limits(l -> l.credit(CREDIT).queuedBytes(CREDIT)))) {
            int credit = register(fixture, "a", "demo").limits().credit();
            register(fixture, "b", "other");
            for (int left = CREDIT; left >= credit; left -= credit) {
                open(fixture, "demo").join();
            }
            assertThat(RelaySessionTest.error(open(fixture, "other"))).isEqualTo(TunnelError.OVERLOADED);
            assertThat(fixture.metrics.reached).containsExactly(Limit.QUEUED_BYTES);
        }
    }
}
