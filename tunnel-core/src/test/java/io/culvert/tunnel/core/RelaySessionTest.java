package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.StrayGuard;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import io.culvert.tunnel.spi.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RelaySessionTest {
    private final RelayFixture fixture = new RelayFixture(options -> options.domain("example.test")
            .port(8080)
            .graceTime(Duration.ofSeconds(10))
            .pingInterval(Duration.ofSeconds(15)));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aRegistrationIsAnsweredWithGrantsAndLimits() throws Exception {
        Registered registered = fixture.agent().register("a", "demo", "");
        assertThat(registered.transport()).isEqualTo("memory");
        assertThat(registered.dataSecret()).hasSize(64);
        assertThat(registered.limits().pingMillis()).isEqualTo(15_000);
        assertThat(registered.limits().graceMillis()).isEqualTo(10_000);
        assertThat(registered.tunnels().get(0).url()).isEqualTo("http://demo.example.test:8080");
        assertThat(registered.tunnels().get(1).name()).matches("[a-z]+-[a-z]+-[0-9]+");
        assertThat(fixture.relay.tunnels()).hasSize(2).containsKey("demo");
        assertThat(fixture.metrics.sessions).hasValue(1);
        assertThat(fixture.metrics.tunnels).hasValue(2);
    }

    @Test
    void whoDoesNotRegisterInTimeIsCut() {
        RawPeer agent = fixture.agent();
        fixture.clock.advance(Duration.ofSeconds(5));
        assertThat(agent.closeCode()).isEqualTo(1002);
    }

    @Test
    void theFirstMessageMustBeRegister() {
        assertThat(fixture.agent().send(new Withdraw("x", null)).closeCode()).isEqualTo(1002);
    }

    @Test
    void anotherVersionIsRefused() throws Exception {
        RawPeer agent = fixture.agent().send(RawPeer.register(2, "a", List.of("memory"), "demo"));
        Refused refused = agent.next(Refused.class);
        assertThat(refused.code()).isEqualTo("version-unsupported");
        assertThat(refused.retryable()).isFalse();
        assertThat(agent.closeCode()).isEqualTo(1000);
    }

    @Test
    void noCommonTransportIsRefusedWithTheRelaysOwn() throws Exception {
        Refused refused = fixture.agent()
                .send(RawPeer.register(1, "a", List.of("carrier-pigeon"), "demo"))
                .next(Refused.class);
        assertThat(refused.code()).isEqualTo("no-common-transport");
        assertThat(refused.message()).contains("memory");
    }

    @Test
    void malformedTextEndsTheSession() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        assertThat(agent.sendText("{\"type\":\"ping\",\"nonce\":\"x\"}").closeCode())
                .isEqualTo(1007);
        await(() -> fixture.metrics.sessions.get() == 0);
        assertThat(fixture.metrics.tunnels).hasValue(0);
        assertThat(fixture.relay.tunnels()).isEmpty();
    }

    @Test
    void aMessageThatOnlyRelaysSendEndsTheSession() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        assertThat(agent.send(new HttpRequest("x", "demo", null)).closeCode()).isEqualTo(1002);
        await(() -> fixture.relay.tunnels().isEmpty());
    }

    @Test
    void tooManyMessagesForStreamsThatNeverWereEndTheSession() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        for (int i = 0; i <= StrayGuard.MAX_STRAYS; i++) {
            agent.send(new HttpCancel("stray" + i, "cancelled", ""));
        }
        assertThat(agent.closeCode()).isEqualTo(1008);
        await(() -> fixture.relay.tunnels().isEmpty());
    }

    @Test
    void pingsAreAnsweredAndSent() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        assertThat(agent.send(new Ping(42)).next(Pong.class).nonce()).isEqualTo(42);
        fixture.awaitTimer();
        fixture.clock.advance(Duration.ofSeconds(15));
        agent.next(Ping.class);
    }

    @Test
    void aSilentAgentIsCutAndItsTunnelsEndAfterTheGraceTime() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        PublicTunnel tunnel = fixture.tunnel("demo");
        CountDownLatch ended = new CountDownLatch(1);
        tunnel.onEnded(ended::countDown);
        fixture.awaitTimer();
        fixture.clock.advance(Duration.ofSeconds(45));
        assertThat(agent.closeCode()).isEqualTo(1006);

        CompletableFuture<OpenStream> waits = tunnel.open(StreamKind.HTTP);
        assertThat(waits).isNotDone();
        await(() -> {
            fixture.clock.advance(Duration.ofSeconds(1));
            return waits.isDone();
        });
        assertThat(error(waits)).isEqualTo(TunnelError.AGENT_AWAY);
        ended.await();
        assertThat(fixture.relay.tunnels()).isEmpty();
        assertThat(error(fixture.tunnel("demo").open(StreamKind.HTTP))).isEqualTo(TunnelError.AGENT_AWAY);
        assertThat(error(tunnel.open(StreamKind.HTTP))).isEqualTo(TunnelError.UNKNOWN_TUNNEL);
    }

    @Test
    void silenceCountsFromTheLastMessageAndNotFromTheNextBeat() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        fixture.awaitTimer();
        fixture.clock.advance(Duration.ofSeconds(1));
        agent.send(new Ping(1)).next(Pong.class);
        fixture.clock.advance(Duration.ofSeconds(44));
        assertThat(agent.closed).isNotDone();
        fixture.clock.advance(Duration.ofSeconds(1));
        assertThat(agent.closeCode()).isEqualTo(1006);
    }

    @Test
    void theSameAgentResumesItsSessionAndWhatWaitsGoesOn() throws Exception {
        RawPeer agent = fixture.agent();
        Registered first = agent.register("a", "demo");
        PublicTunnel tunnel = fixture.tunnel("demo");
        agent.carrier().abort();
        agent.closeCode();
        fixture.awaitTimer();
        CompletableFuture<OpenStream> waits = tunnel.open(StreamKind.HTTP);

        RawPeer again = fixture.agent();
        Registered second = again.register("a", "demo");
        assertThat(second.session()).isEqualTo(first.session());
        assertThat(second.dataSecret()).isEqualTo(first.dataSecret());
        assertThat(second.tunnels()).isEqualTo(first.tunnels());
        assertThat(fixture.tunnel("demo")).isSameAs(tunnel);
        HttpRequest opening = again.next(HttpRequest.class);
        again.send(new HttpCancel(opening.requestId(), "local-refused", "nobody"));
        assertThat(error(waits)).isEqualTo(TunnelError.LOCAL_REFUSED);
    }

    @Test
    void aNewConnectionReplacesTheOldOneAtOnce() throws Exception {
        RawPeer agent = fixture.agent();
        Registered first = agent.register("a", "demo", "other");
        RawPeer again = fixture.agent();
        Registered second = again.register("a", "demo");
        assertThat(agent.closeCode()).isEqualTo(1001);
        assertThat(second.session()).isEqualTo(first.session());
        assertThat(fixture.relay.tunnels()).containsOnlyKeys("demo");
        assertThat(fixture.metrics.sessions).hasValue(1);
        fixture.tunnel("demo").open(StreamKind.UPGRADE);
        again.next(io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade.class);
    }

    @Test
    void anotherAgentOfTheOwnerTakesOver() throws Exception {
        RawPeer older = fixture.agent();
        older.register("a", "demo");
        PublicTunnel before = fixture.tunnel("demo");
        CountDownLatch ended = new CountDownLatch(1);
        before.onEnded(ended::countDown);

        RawPeer newer = fixture.agent();
        newer.register("b", "demo");
        assertThat(older.next(Drain.class).code()).isEqualTo("replaced");
        ended.await();
        before.open(StreamKind.HTTP);
        newer.next(HttpRequest.class);
        fixture.tunnel("demo").open(StreamKind.HTTP);
        newer.next(HttpRequest.class);

        older.carrier().close(1001, "");
        await(() -> fixture.metrics.sessions.get() == 1);
        RawPeer back = fixture.agent().send(RawPeer.register(1, "a", List.of("memory"), "demo"));
        Refused refused = back.next(Refused.class);
        assertThat(refused.code()).isEqualTo("replaced");
        assertThat(refused.retryable()).isFalse();
        assertThat(fixture.metrics.tunnels).hasValue(1);
    }

    @Test
    void aReplacedAgentHearsWhenItsLastStreamIsOver() throws Exception {
        RawPeer older = fixture.agent();
        older.register("a", "demo");
        CompletableFuture<OpenStream> onItsWay = fixture.tunnel("demo").open(StreamKind.HTTP);
        HttpRequest opening = older.next(HttpRequest.class);
        RawPeer newer = fixture.agent();
        newer.register("b", "demo");
        older.next(Drain.class);
        assertThat(older.send(new Ping(1)).next(Pong.class)).isNotNull(); // and not Drained
        older.send(new HttpCancel(opening.requestId(), "local-refused", "nobody"));
        older.next(Drained.class);
        assertThat(error(onItsWay)).isEqualTo(TunnelError.LOCAL_REFUSED);
    }

    @Test
    void aStreamThatALostAgentNeverHeardOfOpensAtItsSuccessor() throws Exception {
        RawPeer older = fixture.agent();
        older.register("a", "demo");
        CompletableFuture<OpenStream> opening = fixture.tunnel("demo").open(StreamKind.HTTP);
        HttpRequest first = older.next(HttpRequest.class);
        RawPeer newer = fixture.agent();
        newer.register("b", "demo");
        older.send(new HttpCancel(first.requestId(), "link-lost", "it never came"));
        newer.next(HttpRequest.class);
        older.next(Drain.class);
        older.next(Drained.class);
        assertThat(opening).isNotDone();
    }

    @Test
    void anotherOwnersNameIsTaken() throws Exception {
        fixture.agent("owner-1").register("a", "demo");
        Registered registered = fixture.agent("owner-2").register("b", "DEMO", "mine");
        assertThat(registered.tunnels().get(0).code()).isEqualTo("name-taken");
        assertThat(registered.tunnels().get(0).url()).isNull();
        assertThat(registered.tunnels().get(1).name()).isEqualTo("mine");
    }

    @Test
    void tunnelsComeAndGoOnALiveSession() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a");
        Exposed exposed = agent.send(new Expose(new Wish("r", "late", null, null, null, null)))
                .next(Exposed.class);
        assertThat(exposed.tunnel().url()).isEqualTo("http://late.example.test:8080");
        fixture.tunnel("late").open(StreamKind.HTTP);
        agent.next(HttpRequest.class);
        agent.send(new Withdraw("late", null));
        await(() -> fixture.relay.tunnels().isEmpty());
    }

    @Test
    void anAgentThatLeavesIsNotWaitedFor() throws Exception {
        RawPeer agent = fixture.agent();
        agent.register("a", "demo");
        PublicTunnel tunnel = fixture.tunnel("demo");
        agent.send(new Drain(1000, "closing"));
        agent.next(Drained.class);
        assertThat(error(tunnel.open(StreamKind.HTTP))).isEqualTo(TunnelError.CLOSING);
        agent.carrier().close(1001, "");
        await(() -> fixture.metrics.sessions.get() == 0);
    }

    /** Why a stream did not open. */
    static TunnelError error(CompletableFuture<OpenStream> opening) {
        try {
            opening.get(10, java.util.concurrent.TimeUnit.SECONDS);
            throw new AssertionError("it opened");
        } catch (java.util.concurrent.TimeoutException | InterruptedException x) {
            throw new AssertionError("it is not decided", x);
        } catch (java.util.concurrent.ExecutionException x) {
            assertThat(x.getCause()).isInstanceOf(StreamException.class);
            return StreamException.errorOf(x);
        }
    }
}
