package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.testkit.fault.Fault;
import io.culvert.tunnel.testkit.fault.FaultProxy;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that are killed or stopped, and networks that go silent, as visitors and the other side see it. */
class LifeCycleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String GET = "GET / HTTP/1.1\r\nHost: demo.example.test\r\n\r\n";

    /** Nobody may repeat it: a GET on a stream that was used before would be, and wait for the agent's return. */
    private static final String WAITING_POST =
            "POST /wait HTTP/1.1\r\nHost: demo.example.test\r\nContent-Length: 0\r\n\r\n";

    private final CountDownLatch waited = new CountDownLatch(1);
    private final List<TunnelState> states = new CopyOnWriteArrayList<>();
    private RawOrigin origin;

    @BeforeEach
    void start() {
        origin = RawOrigin.start(connection -> {
            while (true) {
                if (connection.readHead().startsWith("POST /wait ")) {
                    waited.countDown();
                } else {
                    connection.send(RawOrigin.ok("fine"));
                }
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        origin.close();
    }

    private static TunnelRelay relay(TransportCase transport, Duration ping, Duration grace) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .domain("example.test")
                .pingInterval(ping)
                .graceTime(grace)
                .drainTimeout(Duration.ZERO);
        transport.on(builder);
        return builder.start();
    }

    private TunnelAgent agent(URI relay, TransportCase transport) {
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .relay(relay)
                .drainTimeout(Duration.ZERO)
                .listener((tunnel, state, cause) -> states.add(state));
        transport.on(builder);
        return builder.build();
    }

    private static RawHttp.Response get(int port) throws IOException {
        try (RawHttp visitor = RawHttp.connect(port)) {
            return visitor.send(GET).readResponse();
        }
    }

    /** For relays that take 900 ms of silence for a loss, which a busy machine may bring about at any time. */
    private static void awaitFine(int port) {
        await().atMost(PATIENCE).until(() -> get(port).text().equals("fine"));
    }

    private static void assertAway(RawHttp.Response answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("Tunnel-Error")).isEqualTo("agent-away");
        assertThat(answer.field("Retry-After")).isEqualTo("2");
    }

    /** An exchange that nobody can answer any more: an error page, or a connection that breaks. It would wait for ever. */
    private static void assertEnds(RawHttp exchange) throws IOException {
        try {
            assertThat(exchange.readResponse().status()).isBetween(502, 504);
        } catch (SocketException | java.io.EOFException cut) {
            assertThat(cut).isNotNull();
        }
    }

    /** A request that waits for the agent: those before may meet connections that died with it and are not noticed yet. */
    private static RawHttp waiting(int port) throws IOException {
        while (true) {
            RawHttp visitor = RawHttp.connect(port);
            int patience = visitor.socket().getSoTimeout();
            visitor.socket().setSoTimeout(1_000);
            try {
                assertThat(visitor.send(GET).readResponse().status()).isEqualTo(502);
                visitor.close();
            } catch (SocketTimeoutException x) {
                visitor.socket().setSoTimeout(patience);
                return visitor;
            }
        }
    }

    /** Row "agent killed". No ping tells it within the time that the visitor reads: the socket's end does. */
    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void exchangesOfAKilledAgentEndAndAllIsBackAfterItsRestart(TransportCase transport) throws Exception {
        try (TunnelRelay relay = relay(transport, Duration.ofMinutes(5), PATIENCE);
                JavaProcess agent = LifeCycleMain.agent(relay.port(), transport, origin.port());
                RawHttp open = RawHttp.connect(relay.port())) {
            agent.line();
            assertThat(get(relay.port()).text()).isEqualTo("fine");
            open.send(WAITING_POST);
            waited.await();
            agent.signal("KILL");
            assertEnds(open);
            try (RawHttp arriving = waiting(relay.port()); // as the grace time is not over
                    JavaProcess again = LifeCycleMain.agent(relay.port(), transport, origin.port())) {
                assertThat(again.line()).isEqualTo("http://demo.example.test:" + relay.port());
                assertThat(arriving.readResponse().text()).isEqualTo("fine");
                assertThat(get(relay.port()).text()).isEqualTo("fine");
            }
        }
    }

    /** Row "agent killed". */
    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void requestsToAKilledAgentWaitForTheGraceTimeAndAreThen503(TransportCase transport) throws Exception {
        try (TunnelRelay relay = relay(transport, Duration.ofMinutes(5), Duration.ofSeconds(1));
                JavaProcess agent = LifeCycleMain.agent(relay.port(), transport, origin.port());
                RawHttp arriving = RawHttp.connect(relay.port())) {
            agent.line();
            agent.signal("KILL");
            await().atMost(PATIENCE).until(() -> relay.connections().isEmpty());
            assertAway(arriving.send(GET).readResponse());
        }
    }

    /** Row "agent stopped (SIGSTOP)": its sockets stay open, only silence tells. */
    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void aStoppedAgentIsNoticedAndComesBackWhenItGoesOn(TransportCase transport) throws Exception {
        try (TunnelRelay relay = relay(transport, Duration.ofMillis(300), Duration.ofMillis(300));
                JavaProcess agent = LifeCycleMain.agent(relay.port(), transport, origin.port())) {
            agent.line();
            awaitFine(relay.port());
            agent.signal("STOP");
            await().atMost(PATIENCE).until(() -> relay.tunnels().isEmpty());
            assertAway(get(relay.port()));
            agent.signal("CONT");
            await().atMost(PATIENCE).until(() -> relay.tunnels().containsKey("demo"));
            awaitFine(relay.port());
        }
    }

    /** Row "network gone without FIN": nothing arrives any more, in either direction, and nobody says so. */
    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void bothEndsNoticeANetworkThatIsGoneAndTheAgentDialsAgain(TransportCase transport) throws Exception {
        try (TunnelRelay relay = relay(transport, Duration.ofMillis(300), Duration.ofMillis(300));
                FaultProxy net = FaultProxy.beforeRelay(relay.port());
                TunnelAgent agent = agent(net.uri(), transport)) {
            Tunnel tunnel =
                    agent.expose(TunnelSpec.builder(origin.port()).name("demo").build());
            awaitFine(relay.port());
            Fault pulled = net.onConnections().halfOpen();
            await().atMost(PATIENCE).until(() -> relay.tunnels().isEmpty());
            await().atMost(PATIENCE).until(() -> states.contains(TunnelState.CONNECTING));
            assertAway(get(relay.port()));
            pulled.close();
            await().atMost(PATIENCE).until(() -> tunnel.state() == TunnelState.OPEN);
            assertThat(tunnel.publicUrl()).hasToString("http://demo.example.test:" + relay.port());
            awaitFine(relay.port());
        }
    }

    /** Row "relay killed and restarted". */
    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void agentsComeBackWithTheirNamesToARelayThatWasKilled(TransportCase transport) throws Exception {
        try (JavaProcess relay = LifeCycleMain.relay(0, transport)) {
            int port = Integer.parseInt(relay.line());
            try (TunnelAgent agent = agent(URI.create("ws://127.0.0.1:" + port), transport);
                    RawHttp open = RawHttp.connect(port)) {
                Tunnel first = agent.expose(
                        TunnelSpec.builder(origin.port()).name("demo").build());
                Tunnel second = agent.expose(TunnelSpec.port(origin.port()));
                List<URI> before = List.of(first.publicUrl(), second.publicUrl());
                open.send(WAITING_POST);
                waited.await();
                relay.signal("KILL");
                open.assertOver();
                await().atMost(PATIENCE).until(() -> first.state() == TunnelState.CONNECTING);
                try (JavaProcess again = LifeCycleMain.relay(port, transport)) {
                    assertThat(again.line()).isEqualTo(String.valueOf(port));
                    await().atMost(PATIENCE).until(() -> first.state() == TunnelState.OPEN);
                    await().atMost(PATIENCE).until(() -> second.state() == TunnelState.OPEN);
                    assertThat(List.of(first.publicUrl(), second.publicUrl())).isEqualTo(before);
                    assertThat(get(port).text()).isEqualTo("fine");
                }
            }
        }
    }
}
