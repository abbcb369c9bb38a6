package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code TunnelAgent.expose(port)} and the builders, as an application meets them. */
class FacadeTest {
    private RawOrigin origin;

    @BeforeEach
    void start() {
        origin = RawOrigin.answering(head -> RawOrigin.ok("here"));
    }

    @AfterEach
    void stop() throws Exception {
        System.clearProperty("tunnel.relay");
        System.clearProperty("tunnel.token");
        origin.close();
    }

    private static String get(Tunnel tunnel) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(tunnel.publicUrl()).build(), BodyHandlers.ofString())
                .body();
    }

    private static TunnelRelay relayFor(String token) {
        return TunnelRelay.builder()
                .authenticator(t -> t.equals(token) ? Optional.of(new AgentIdentity("the one")) : Optional.empty())
                .start();
    }

    private static void assertFails(TunnelError error, Runnable action) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(TunnelException.class, x -> assertThat(x.error())
                .isEqualTo(error));
    }

    @Test
    void exposesAPortWithNothingConfigured() throws Exception {
        Leaks leaks = Leaks.from();
        try (Tunnel tunnel = TunnelAgent.expose(origin.port())) {
            assertThat(tunnel.publicUrl().toString()).matches("http://127\\.0\\.0\\.1:\\d+");
            assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
            assertThat(tunnel.transport()).isEqualTo("tcp");
            assertThat(get(tunnel)).isEqualTo("here");
            assertThat(leaks.newThreads()).isNotEmpty().allMatch(Thread::isDaemon);
        }
        leaks.assertNone(20);
    }

    @Test
    void sharesOneEmbeddedRelay() throws Exception {
        try (Tunnel first = TunnelAgent.expose(origin.port())) {
            int threadsOfOne = Thread.activeCount();
            try (Tunnel second = TunnelAgent.expose(origin.port())) {
                assertThat(second.publicUrl()).isNotEqualTo(first.publicUrl());
                assertThat(get(second)).isEqualTo("here");
            }
            assertThat(Thread.activeCount()).isLessThan(2 * threadsOfOne);
            assertThat(get(first)).isEqualTo("here");
        }
        try (Tunnel later = TunnelAgent.expose(origin.port())) {
            assertThat(get(later)).isEqualTo("here");
        }
    }

    @Test
    void takesRelayAndTokenFromSystemProperties() throws Exception {
        try (TunnelRelay relay = relayFor("from-a-property")) {
            System.setProperty("tunnel.relay", relay.uri().toString());
            System.setProperty("tunnel.token", "from-a-property");
            try (Tunnel tunnel = TunnelAgent.expose(origin.port())) {
                assertThat(relay.tunnels()).containsEntry(tunnel.name(), tunnel.publicUrl());
                assertThat(get(tunnel)).isEqualTo("here");
            }
            System.setProperty("tunnel.token", "wrong");
            assertFails(TunnelError.UNAUTHORIZED, () -> TunnelAgent.expose(origin.port()));
        }
    }

    @Test
    void reachesAServiceOnIpv6Only() throws Exception {
        assumeThat(NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .map(InetAddress::getHostAddress))
                .anyMatch(address -> address.startsWith("0:0:0:0:0:0:0:1"));
        try (RawOrigin six = RawOrigin.start(
                        "::1", 0, c -> c.send(RawOrigin.ok(c.readHead().substring(0, 3))));
                Tunnel tunnel = TunnelAgent.expose(six.port())) {
            assertThat(get(tunnel)).isEqualTo("GET");
        }
    }

    @Test
    void tellsListenersOfEachState() {
        List<TunnelState> states = new CopyOnWriteArrayList<>();
        try (TunnelRelay relay = TunnelRelay.builder().start()) {
            try (TunnelAgent agent = TunnelAgent.builder()
                            .relay(relay.uri())
                            .listener((tunnel, state, cause) -> states.add(state))
                            .build();
                    Tunnel tunnel = agent.expose(TunnelSpec.port(1))) {
                assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
            }
            await().until(() -> states.contains(TunnelState.CLOSED));
            assertThat(states).contains(TunnelState.OPEN).endsWith(TunnelState.CLOSED);
        }
    }

    @Test
    void servesSeveralTunnelsOnOneLink() throws Exception {
        try (RawOrigin other = RawOrigin.answering(head -> RawOrigin.ok("there"));
                TunnelRelay relay = TunnelRelay.builder().start();
                TunnelAgent agent = TunnelAgent.builder().relay(relay.uri()).build();
                Tunnel first = agent.expose(TunnelSpec.port(origin.port()));
                Tunnel second = agent.expose(
                        TunnelSpec.builder(other.port()).name("Second").build())) {
            assertThat(get(first)).isEqualTo("here");
            assertThat(get(second)).isEqualTo("there");
            assertThat(second.name()).isEqualTo("second");
            first.close();
            assertThat(get(second)).isEqualTo("there");
            await().untilAsserted(() -> assertThat(relay.tunnels()).containsOnlyKeys("second"));
        }
    }

    @Test
    void givesUpOnARelayThatIsNotThere() throws Exception {
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        try (TunnelAgent agent = TunnelAgent.builder()
                .relay("ws://127.0.0.1:" + unused)
                .connectTimeout(Duration.ofMillis(300))
                .build()) {
            assertFails(TunnelError.RELAY_UNREACHABLE, () -> agent.expose(TunnelSpec.port(1)));
        }
    }

    @Test
    void givesUpOnARelayThatDoesNotAnswer() throws IOException {
        try (ServerSocket silent = new ServerSocket(0);
                TunnelAgent agent = TunnelAgent.builder()
                        .relay("ws://127.0.0.1:" + silent.getLocalPort())
                        .connectTimeout(Duration.ofMillis(300))
                        .build()) {
            assertFails(TunnelError.RELAY_UNREACHABLE, () -> agent.expose(TunnelSpec.port(1)));
        }
    }

    @Test
    void saysWhatIsWrongWithATokenWithoutShowingIt() {
        try (TunnelRelay relay = relayFor("right");
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri())
                        .token("a-wrong-secret")
                        .build()) {
            assertThatThrownBy(() -> agent.expose(TunnelSpec.port(1)))
                    .isInstanceOfSatisfying(TunnelException.class, x -> {
                        assertThat(x.error()).isEqualTo(TunnelError.UNAUTHORIZED);
                        assertThat(x).hasMessageContaining("token");
                        assertThat(x.getMessage()).doesNotContain("a-wrong-secret");
                    });
        }
    }

    @Test
    void refusesANameThatIsTaken() {
        try (TunnelRelay relay = TunnelRelay.builder()
                        .authenticator(token -> Optional.of(new AgentIdentity(token)))
                        .start();
                TunnelAgent holder =
                        TunnelAgent.builder().relay(relay.uri()).token("a").build();
                Tunnel held = holder.expose(TunnelSpec.builder(1).name("mine").build());
                TunnelAgent other =
                        TunnelAgent.builder().relay(relay.uri()).token("b").build()) {
            assertFails(
                    TunnelError.NAME_TAKEN,
                    () -> other.expose(TunnelSpec.builder(1).name("mine").build()));
            assertThat(held.state()).isEqualTo(TunnelState.OPEN);
        }
    }

    @Test
    void saysThatATransportIsMissing() {
        assertThatThrownBy(() -> TunnelAgent.builder()
                        .relay("ws://127.0.0.1:1")
                        .transports("pigeon")
                        .build())
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("pigeon")
                .hasMessageContaining("tcp, control");
    }

    @Test
    void saysThatAPortIsInUse() {
        try (TunnelRelay relay = TunnelRelay.builder().start()) {
            assertFails(
                    TunnelError.BIND_FAILED,
                    () -> TunnelRelay.builder().port(relay.port()).start());
        }
    }

    @Test
    void listenersKnowOfATunnelBeforeTheCallerDoes() {
        List<String> open = new CopyOnWriteArrayList<>();
        try (TunnelRelay relay = TunnelRelay.builder().start();
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri())
                        .listener((tunnel, state, cause) -> {
                            if (state == TunnelState.OPEN) {
                                open.add(tunnel.name());
                            }
                        })
                        .build()) {
            for (int i = 0; i < 20; i++) {
                Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()));
                assertThat(open).contains(tunnel.name());
            }
        }
    }
}
