package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay allows of connections, agents and attempts, and that it counts what it turns away. */
class LimitsTest {
    private static final String KEY = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    @TempDir
    Path directory;

    private final CountingMetrics metrics = new CountingMetrics();

    private TunnelRelay relay(Consumer<TunnelRelay.Builder> options) {
        TunnelRelay.Builder builder = TunnelRelay.builder().metrics(metrics).drainTimeout(Duration.ZERO);
        options.accept(builder);
        return builder.start();
    }

    private static String control(String token, String moreFields) {
        return "GET /_tunnel/control HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + KEY
                + "Authorization: Bearer " + token + "\r\n" + moreFields + "\r\n";
    }

    private static int handshake(TunnelRelay relay, String token, String moreFields) throws IOException {
        try (RawHttp agent = RawHttp.connect(relay.port())) {
            return agent.send(control(token, moreFields)).readResponse().status();
        }
    }

    @Test
    void agentsThatDoNotRegisterAreFew() throws Exception {
        try (TunnelRelay relay = relay(r ->
                        r.limits(l -> l.handshakesPerAddress(1)).timeouts(t -> t.register(Duration.ofMinutes(5))));
                RawHttp silent = RawHttp.connect(relay.port())) {
            assertThat(silent.send(control("any", "")).readHead()).startsWith("HTTP/1.1 101 ");
            try (RawHttp second = RawHttp.connect(relay.port())) {
                RawHttp.Response refused = second.send(control("any", "")).readResponse();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.field("Tunnel-Error")).isEqualTo(TunnelError.OVERLOADED.code());
            }
            assertThat(metrics.reached(Limit.HANDSHAKES_PER_ADDRESS)).isEqualTo(1);
            silent.reset();
            await().until(() -> {
                try (RawHttp next = RawHttp.connect(relay.port())) {
                    return next.send(control("any", "")).readHead().startsWith("HTTP/1.1 101 ");
                }
            });
        }
    }

    /** All agents behind a proxy have its address; who guesses there must not shut the others out. */
    @Test
    void behindATrustedProxyEachAgentHasItsOwnAddress() throws Exception {
        Path tokens = Files.writeString(directory.resolve("tokens"), "right\n");
        try (TunnelRelay relay = relay(r -> r.authenticator(Authenticator.tokens(tokens))
                .trustedProxies("127.0.0.1")
                .limits(l -> l.failedHandshakes(Rate.perMinute(1))))) {
            assertThat(handshake(relay, "wrong", "X-Forwarded-For: 192.0.2.1\r\n"))
                    .isEqualTo(401);
            assertThat(handshake(relay, "wrong", "X-Forwarded-For: 192.0.2.1\r\n"))
                    .isEqualTo(429);
            assertThat(handshake(relay, "wrong", "X-Forwarded-For: 198.51.100.7, 192.0.2.1\r\n"))
                    .isEqualTo(429);
            try (RawHttp agent = RawHttp.connect(relay.port())) {
                assertThat(agent.send(control("right", "X-Forwarded-For: 192.0.2.2\r\n"))
                                .readHead())
                        .startsWith("HTTP/1.1 101 ");
            }
        }
    }

    @Test
    void guessesOfDataConnections() throws Exception {
        try (TunnelRelay relay = relay(r -> r.limits(l -> l.failedDataConnections(Rate.perMinute(2))));
                RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("in"))) {
            // The data path is there once a session uses it.
            try (TunnelAgent agent = TunnelAgent.builder()
                            .relay(relay.uri())
                            .transports("tcp")
                            .drainTimeout(Duration.ZERO)
                            .build();
                    Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()))) {
                List<Integer> statuses = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    try (RawHttp guess = RawHttp.connect(relay.port())) {
                        guess.send("GET /_ws_proxy/" + "0".repeat(31) + i
                                + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: culvert\r\n"
                                + "Authorization: Bearer " + "f".repeat(64) + "\r\n\r\n");
                        statuses.add(Integer.parseInt(guess.readHead().split(" ")[1]));
                    }
                }
                assertThat(statuses).containsExactly(404, 404, 429, 429);
                assertThat(metrics.reached(Limit.FAILED_DATA_CONNECTIONS)).isEqualTo(2);
                try (RawHttp visitor =
                        RawHttp.connect(tunnel.publicUrl().getPort())) { // the agent has the same address
                    assertThat(visitor.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                    .readResponse()
                                    .text())
                            .isEqualTo("in");
                }
            }
        }
    }

    /** Its control channel and data connections come from the visitors' address here. */
    @Test
    void anAgentsConnectionsAreNoVisitors() throws Exception {
        int most = 6;
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING);
                    c.readToEnd();
                });
                Rig rig = Rig.start(
                        TransportCase.TCP_WITHOUT_SLOTS,
                        origin.port(),
                        r -> r.limits(l -> l.connectionsPerAddress(most)))) {
            List<RawHttp> visitors = new ArrayList<>();
            try {
                for (int i = 0; i < most - 1; i++) { // one is left for the agent while it dials
                    RawHttp visitor = rig.visit();
                    visitors.add(visitor);
                    assertThat(visitor.send(Upgrades.request(rig.host())).readHead())
                            .contains(" 101 ");
                }
                assertThat(rig.relayMetrics.reached(Limit.CONNECTIONS_PER_ADDRESS))
                        .isZero();
            } finally {
                for (RawHttp visitor : visitors) {
                    visitor.close();
                }
            }
        }
    }

    @Test
    void whoDoesNotFinishTheTlsHandshakeIsClosed() throws Exception {
        TestCertificate certificate = TestCertificate.of(directory, "relay", "IP:127.0.0.1");
        try (TunnelRelay relay = relay(r -> r.tls(TlsKeys.pem(certificate.chain(), certificate.key()))
                        .timeouts(t -> t.tlsHandshake(Duration.ofMillis(300))));
                RawHttp silent = RawHttp.connect(relay.port());
                RawHttp begun = RawHttp.connect(relay.port())) {
            begun.send(new byte[] {22, 3, 1, 2, 0, 1}); // a record that never comes to its end
            silent.assertOver();
            begun.assertOver();
            await().untilAsserted(() ->
                    assertThat(metrics.reached(Limit.TLS_HANDSHAKE_TIME)).isEqualTo(2));
        }
    }
}
