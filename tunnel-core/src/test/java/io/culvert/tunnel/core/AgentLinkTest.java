package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.Limits;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import io.culvert.tunnel.message.TunnelMessage.Refused;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import io.culvert.tunnel.message.TunnelMessage.Withdraw;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An agent's link against a relay that the test plays. */
class AgentLinkTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final BlockingQueue<RawPeer> relays = new LinkedBlockingQueue<>();
    private final AgentFixture agent =
            new AgentFixture(network, 1, "token", options -> options.connectTimeout(Duration.ofSeconds(10)));

    AgentLinkTest() {
        network.script = carrier -> {
            RawPeer relay = new RawPeer();
            relay.on(carrier);
            relays.add(relay);
            return relay;
        };
    }

    @AfterEach
    void close() {
        agent.close();
        network.close();
    }

    @Test
    void theFirstWishTravelsInRegister() throws Exception {
        CompletableFuture<Tunnel> exposing = agent.expose(
                TunnelSpec.builder(3000).name("demo").publicPort(81).build());
        RawPeer relay = connected();
        Register register = relay.next(Register.class);
        assertThat(register.version()).isEqualTo(1);
        assertThat(register.agentId()).hasSize(32);
        assertThat(register.transports()).containsExactly("memory");
        Wish wish = register.tunnels().get(0);
        assertThat(wish).isEqualTo(new Wish(wish.ref(), "demo", null, 81, null, null));
        relay.send(registered("s1", grant(wish, "demo", "http://demo.test")));
        assertThat(exposing.get(10, TimeUnit.SECONDS).publicUrl()).hasToString("http://demo.test");

        assertThat(relay.send(new Ping(7)).next(Pong.class).nonce()).isEqualTo(7);
        CompletableFuture<Tunnel> second = agent.expose(TunnelSpec.port(4000));
        Wish next = relay.next(Expose.class).tunnel();
        relay.send(new Exposed(grant(next, "two", "http://two.test")));
        assertThat(second.get(10, TimeUnit.SECONDS).name()).isEqualTo("two");
    }

    @Test
    void theSameAgentAsksForWhatItWasGranted() throws Exception {
        CompletableFuture<Tunnel> byPort = agent.expose(TunnelSpec.port(3000));
        RawPeer relay = connected();
        Register first = relay.next(Register.class);
        relay.send(registered("s1", grant(first.tunnels().get(0), "a", "http://127.0.0.1:4711")));
        Tunnel tunnel = byPort.get(10, TimeUnit.SECONDS);
        CompletableFuture<Tunnel> byName = agent.expose(TunnelSpec.port(3000));
        relay.send(new Exposed(grant(relay.next(Expose.class).tunnel(), "b", "http://b.test:8080")));
        byName.get(10, TimeUnit.SECONDS);

        Register again = reconnect(relay, tunnel).next(Register.class);
        assertThat(again.agentId()).isEqualTo(first.agentId());
        assertThat(again.tunnels()).extracting(Wish::name).containsExactlyInAnyOrder("a", "b");
        assertThat(again.tunnels()).extracting(Wish::port).containsExactlyInAnyOrder(4711, null);
    }

    @Test
    void aTunnelThatComesBackElsewhereIsClosed() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        Tunnel tunnel = opened;
        RawPeer second = reconnect(relay, tunnel);
        Wish wish = second.next(Register.class).tunnels().get(0);
        second.send(registered("s2", grant(wish, "demo", "http://elsewhere.test")));
        assertThat(second.next(Withdraw.class).tunnel()).isEqualTo("demo");
        await(() -> tunnel.state() == TunnelState.CLOSED);
        assertThat(tunnel.publicUrl()).hasToString("http://demo.test");
        assertThatThrownBy(() -> tunnel.closed().toCompletableFuture().get(10, TimeUnit.SECONDS))
                .hasMessageContaining("http://elsewhere.test");
    }

    @Test
    void aTunnelThatIsTakenMeanwhileIsAskedForAgain() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        RawPeer second = reconnect(relay, opened);
        Wish wish = second.next(Register.class).tunnels().get(0);
        second.send(registered("s2", new Grant(wish.ref(), null, null, "name-taken", "held", false)));
        await(() -> agent.clock.waiting() == 2); // the heartbeat, and the next try
        agent.clock.advance(Duration.ofSeconds(5));
        Wish again = second.next(Expose.class).tunnel();
        second.send(new Exposed(grant(again, "demo", "http://demo.test")));
        await(() -> opened.state() == TunnelState.OPEN);
    }

    @Test
    void aTunnelThatIsForbiddenMeanwhileIsClosed() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        RawPeer second = reconnect(relay, opened);
        Wish wish = second.next(Register.class).tunnels().get(0);
        second.send(registered("s2", new Grant(wish.ref(), null, null, "name-forbidden", "not yours", false)));
        await(() -> opened.state() == TunnelState.CLOSED);
        await(() -> agent.causes.stream().anyMatch(cause -> cause.error() == TunnelError.NAME_FORBIDDEN));
    }

    @Test
    void aRefusalForGoodEndsTheAgent() throws Exception {
        CompletableFuture<Tunnel> exposing = agent.expose(TunnelSpec.port(3000));
        RawPeer relay = connected();
        relay.next(Register.class);
        relay.send(new Refused("version-unsupported", "too \u001b[31mold", false));
        assertThat(failure(exposing).error()).isEqualTo(TunnelError.VERSION_UNSUPPORTED);
        assertThat(failure(exposing)).hasMessageContaining("too ?[31mold");
        assertThat(relay.closeCode()).isEqualTo(1001);
        assertThatThrownBy(() -> agent.agent.expose(TunnelSpec.port(3000))).hasMessageContaining("old");
        assertThat(network.dials).hasValue(1);
    }

    @Test
    void aRefusalForNowIsTriedAgain() throws Exception {
        CompletableFuture<Tunnel> exposing = agent.expose(TunnelSpec.port(3000));
        RawPeer relay = connected();
        relay.next(Register.class);
        relay.send(new Refused("closing", "later", true));
        relay.closeCode();
        awaitBackoff(Duration.ofMillis(250));
        agent.clock.advance(Duration.ofMillis(250));
        RawPeer second = connected();
        Wish wish = second.next(Register.class).tunnels().get(0);
        second.send(registered("s1", grant(wish, "demo", "http://demo.test")));
        exposing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void anUnreachableRelayFailsTheFirstExposeInTimeAndSaysWhatToDo() throws Exception {
        network.up = false;
        CompletableFuture<Tunnel> exposing = agent.expose(TunnelSpec.port(3000));
        for (int wait : new int[] {250, 500, 1_000, 2_000, 4_000}) {
            awaitBackoff(Duration.ofMillis(wait));
            agent.clock.advance(Duration.ofMillis(wait));
        }
        awaitBackoff(Duration.ofMillis(2_250)); // before the next attempt the application's time is up
        agent.clock.advance(Duration.ofMillis(2_250));
        TunnelException failure = failure(exposing);
        assertThat(failure.error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
        assertThat(failure)
                .hasMessageContaining("ws://127.0.0.1:1")
                .hasMessageContaining("within 10000 ms")
                .hasMessageContaining("Nothing listens on port 1")
                .hasMessageContaining("Check the relay's address");

        await(() -> agent.clock.waiting() == 0);
        agent.clock.advance(Duration.ofMinutes(1));
        assertThat(network.dials).hasValue(6);
        network.up = true;
        CompletableFuture<Tunnel> again = agent.expose(TunnelSpec.port(3000));
        RawPeer relay = connected();
        relay.send(registered("s1", grant(relay.next(Register.class).tunnels().get(0), "x", "http://x.test")));
        again.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aRelayThatDoesNotAnswerIsGivenUp() throws Exception {
        try (AgentFixture patient =
                new AgentFixture(network, 1, "t", options -> options.connectTimeout(Duration.ZERO))) {
            CompletableFuture<Tunnel> exposing = patient.expose(TunnelSpec.port(3000));
            RawPeer relay = connected();
            relay.next(Register.class);
            patient.clock.advance(Duration.ofSeconds(10));
            assertThat(relay.closeCode()).isEqualTo(1001);
            await(() -> {
                patient.clock.advance(Duration.ofMillis(50));
                return !relays.isEmpty();
            });
            assertThat(exposing).isNotDone();
            patient.close();
            assertThat(failure(exposing).error()).isEqualTo(TunnelError.CLOSED);
        }
    }

    @Test
    void onlyTheAnswerToTheLastPingIsARoundTrip() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        agent.clock.advance(Duration.ofMinutes(1));
        long nonce = relay.next(Ping.class).nonce();
        relay.send(new Pong(nonce + 1));
        relay.send(new Pong(nonce - 1));
        assertThat(opened.roundTrip()).isEmpty();
        agent.clock.advance(Duration.ofMillis(30));
        relay.send(new Pong(nonce));
        await(() -> opened.roundTrip().isPresent());
        relay.send(new Pong(nonce));
        relay.send(new Ping(1)).next(Pong.class); // what came before is handled
        assertThat(agent.metrics.roundTrips).containsExactly(Duration.ofMillis(30));
    }

    @Test
    void aSilentRelayIsLeft() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        agent.clock.advance(Duration.ofMinutes(3));
        relay.next(Ping.class);
        assertThat(relay.closeCode()).isEqualTo(1006);
        await(() -> opened.state() == TunnelState.CONNECTING);
    }

    @Test
    void aRelayThatIsAboutToGoIsComeBackTo() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        relay.send(new Drain(1000, "closing"));
        assertThat(relay.send(new Ping(1)).next(Pong.class)).isNotNull();
        assertThat(opened.state()).isEqualTo(TunnelState.OPEN);
        reconnect(relay, opened).next(Register.class);
    }

    @Test
    void anAgentThatClosesTakesWhatIsOnItsWay() throws Exception {
        try (AgentFixture patient = patientAgent()) {
            patient.expose(TunnelSpec.port(3000));
            RawPeer relay = connected();
            relay.send(multiplexed(grant(relay.next(Register.class).tunnels().get(0), "demo", "http://demo.test")));
            await(() -> patient.states.contains(TunnelState.OPEN));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(patient::close);
            relay.next(Drain.class);
            relay.next(Withdraw.class);
            relay.send(new HttpRequest("on-its-way", "demo", null));
            assertThat(relay.next(HttpCancel.class).code()).isEqualTo("local-refused"); // and not closing
            assertThat(closing).isNotDone();
            relay.send(new Drained());
            assertThat(relay.closeCode()).isEqualTo(1001);
            closing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void anAgentThatWasReplacedAndIsThenClosedGoesOnUntilTheRelayIsDone() throws Exception {
        try (AgentFixture patient = patientAgent()) {
            patient.expose(TunnelSpec.port(3000));
            RawPeer relay = connected();
            relay.send(multiplexed(grant(relay.next(Register.class).tunnels().get(0), "demo", "http://demo.test")));
            await(() -> patient.clock.waiting() == 1); // the heartbeat: the link is open
            relay.send(new Drain(20_000, "replaced"));
            await(() -> patient.states.contains(TunnelState.DRAINING));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(patient::close);
            relay.send(new HttpRequest("on-its-way", "demo", null));
            relay.next(HttpCancel.class);
            relay.send(new Drained());
            closing.get(10, TimeUnit.SECONDS);
            assertThat(relay.closeCode()).isEqualTo(1001);
        }
    }

    @Test
    void anAgentThatClosesDoesNotWaitForARelayThatIsGone() throws Exception {
        try (AgentFixture patient = patientAgent()) {
            patient.expose(TunnelSpec.port(3000));
            RawPeer relay = connected();
            relay.send(multiplexed(grant(relay.next(Register.class).tunnels().get(0), "demo", "http://demo.test")));
            await(() -> patient.states.contains(TunnelState.OPEN));
            CompletableFuture<Void> closing = CompletableFuture.runAsync(patient::close);
            relay.next(Drain.class);
            relay.carrier().abort();
            closing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aRelayThatIsNotTrustedEndsTheAgentAtTheFirstAttempt() {
        network.obstacle = TunnelError.RELAY_UNTRUSTED;
        assertThat(failure(agent.expose(TunnelSpec.port(3000))).error()).isEqualTo(TunnelError.RELAY_UNTRUSTED);
        assertThat(network.dials).hasValue(1);
    }

    @Test
    void aRelayThatIsNotTrustedAnyMoreIsTriedAgainSlowly() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        network.obstacle = TunnelError.RELAY_UNTRUSTED;
        relay.carrier().abort();
        await(() -> opened.state() == TunnelState.CONNECTING && agent.clock.waiting() > 0);
        agent.clock.advance(Duration.ofMillis(250));
        awaitBackoff(Duration.ofSeconds(15));
        assertThat(network.dials).hasValue(2);
        network.obstacle = null;
        agent.clock.advance(Duration.ofMillis(14_999));
        assertThat(network.dials).hasValue(2);
        agent.clock.advance(Duration.ofMillis(1));
        connected().next(Register.class);
        assertThat(opened.state()).isEqualTo(TunnelState.CONNECTING);
    }

    @Test
    void aRelayThatRefusesOnReconnectEndsTheAgentWithTheReason() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        network.obstacle = TunnelError.UNAUTHORIZED;
        relay.carrier().abort();
        await(() -> opened.state() == TunnelState.CONNECTING && agent.clock.waiting() > 0);
        agent.clock.advance(Duration.ofMillis(250));
        await(() -> agent.states.contains(TunnelState.CLOSED)); // the listener hears of it after the tunnel says so
        await(() -> agent.causes.stream().anyMatch(cause -> cause.error() == TunnelError.UNAUTHORIZED));
        assertThat(agent.clock.waiting()).isZero();
    }

    @Test
    void aMessageThatOnlyAgentsSendEndsTheConnection() throws Exception {
        RawPeer relay = open("demo", "http://demo.test");
        relay.send(new Withdraw("demo", null));
        assertThat(relay.closeCode()).isEqualTo(1002);
        await(() -> opened.state() == TunnelState.CONNECTING);
    }

    @Test
    void aTransportThatWasNotOfferedIsRefused() throws Exception {
        agent.expose(TunnelSpec.port(3000));
        RawPeer relay = connected();
        relay.next(Register.class);
        relay.send(new Registered("s", "secret", List.of(), "tcp", Map.of(), new Limits(1024, 1000, 1000)));
        assertThat(relay.closeCode()).isEqualTo(1002);
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                agent.agent.expose(TunnelSpec.port(3000));
            } catch (TunnelException x) {
                thrown.complete(Thread.currentThread().isInterrupted() ? x : null);
            }
        });
        waiting.start();
        connected().next(Register.class);
        waiting.interrupt();
        assertThat(thrown.get(10, TimeUnit.SECONDS)).hasMessageContaining("Interrupted");
    }

    /** One that carries streams itself, and waits for them when it is closed. */
    private AgentFixture patientAgent() {
        return new AgentFixture(network, 1, "t", options -> options.transports(MultiplexerTransportProvider.NAME)
                .drainTimeout(Duration.ofSeconds(20)));
    }

    private static Registered multiplexed(Grant... grants) {
        return new Registered(
                "s1",
                "secret",
                List.of(grants),
                MultiplexerTransportProvider.NAME,
                Map.of(),
                new Limits(65_536, 60_000, 10_000));
    }

    private volatile Tunnel opened;

    private RawPeer open(String name, String url) throws Exception {
        CompletableFuture<Tunnel> exposing = agent.expose(TunnelSpec.port(3000));
        RawPeer relay = connected();
        relay.send(registered("s1", grant(relay.next(Register.class).tunnels().get(0), name, url)));
        opened = exposing.get(10, TimeUnit.SECONDS);
        // The link asks for one more only once it is open.
        CompletableFuture<Tunnel> denied = agent.expose(TunnelSpec.port(3001));
        Wish wish = relay.next(Expose.class).tunnel();
        relay.send(new Exposed(new Grant(wish.ref(), null, null, "overloaded", "one is enough", false)));
        assertThat(failure(denied).error()).isEqualTo(TunnelError.OVERLOADED);
        await(() -> agent.clock.waiting() == 1); // the heartbeat
        return relay;
    }

    /** Until an attempt has failed and the next thing that happens comes after so long. */
    private void awaitBackoff(Duration wait) {
        await(() -> agent.clock.untilNext().equals(wait));
    }

    private RawPeer reconnect(RawPeer relay, Tunnel tunnel) throws Exception {
        relay.carrier().abort();
        await(() -> tunnel.state() == TunnelState.CONNECTING && agent.clock.waiting() > 0);
        agent.clock.advance(Duration.ofMillis(250));
        return connected();
    }

    private RawPeer connected() throws InterruptedException {
        RawPeer relay = relays.poll(10, TimeUnit.SECONDS);
        assertThat(relay).isNotNull();
        return relay;
    }

    private static Grant grant(Wish wish, String name, String url) {
        return new Grant(wish.ref(), name, url, null, null, false);
    }

    private static Registered registered(String session, Grant... grants) {
        return new Registered(
                session, "secret", List.of(grants), "memory", Map.of(), new Limits(65_536, 60_000, 10_000));
    }

    private static TunnelException failure(CompletableFuture<Tunnel> exposing) {
        try {
            exposing.orTimeout(10, TimeUnit.SECONDS).join();
            throw new AssertionError("it was exposed");
        } catch (CompletionException x) {
            assertThat(x.getCause()).isInstanceOf(TunnelException.class);
            return (TunnelException) x.getCause();
        }
    }
}
