package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/PROTOCOL.md} is enough to write an agent: {@link BareAgent} was, and serves visitors. */
@ParameterizedClass
@EnumSource(names = {"CONTROL", "TCP", "TCP_WITHOUT_SLOTS"})
class BareAgentTest {
    private static final int CREDIT = 64 * 1024;

    private final TransportCase transport;
    private final CountingMetrics metrics = new CountingMetrics();
    private TunnelRelay relay;

    BareAgentTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() {
        relay = relay().start();
    }

    private TunnelRelay.Builder relay() {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .authenticator(
                        token -> token.equals("bare") ? Optional.of(new AgentIdentity("bare")) : Optional.empty())
                .limits(l -> l.credit(CREDIT))
                .graceTime(Duration.ofMillis(200))
                .timeouts(t -> t.open(Duration.ofSeconds(5)))
                .drainTimeout(Duration.ZERO)
                .metrics(metrics);
        transport.on(builder);
        return builder;
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    private BareAgent agent(int port) {
        URI uri = URI.create(relay.uri().toString().replaceAll("/+$", ""));
        return new BareAgent(uri, "bare", transport.transport(), port, CREDIT);
    }

    private static String get(int port) {
        return "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n";
    }

    @Test
    void registers() throws Exception {
        try (BareAgent agent = agent(1)) {
            var registered = agent.registered();
            assertThat(registered.path("type").asText()).isEqualTo("registered");
            assertThat(registered.path("transport").asText()).isEqualTo(transport.transport());
            assertThat(registered.path("session").asText()).isNotEmpty();
            assertThat(registered.path("data_secret").asText()).isNotEmpty();
            assertThat(registered.at("/tunnels/0/ref").asText()).isEqualTo("mine");
            assertThat(registered.at("/tunnels/0/name").asText()).matches("[a-z0-9-]{1,63}");
            assertThat(registered.at("/tunnels/0/url").asText()).matches("http://127\\.0\\.0\\.1:\\d+");
            assertThat(registered.at("/limits/credit").asInt()).isEqualTo(CREDIT);
            assertThat(relay.tunnels()).hasSize(1);
        }
    }

    @Test
    void servesHttp() throws Exception {
        try (HttpOrigin origin = HttpOrigin.start();
                BareAgent agent = agent(origin.port())) {
            HttpClient visitor = HttpClient.newHttpClient();
            URI url = URI.create("http://127.0.0.1:" + agent.publicPort());
            for (int i = 0; i < 5; i++) {
                HttpRequest request = HttpRequest.newBuilder(url.resolve("/method"))
                        .POST(BodyPublishers.ofString("n" + i))
                        .build();
                assertThat(visitor.send(request, BodyHandlers.ofString()).body())
                        .isEqualTo("POST|n" + i);
            }
            Bulk bulk = new Bulk(3 << 20); // many times the credit
            HttpRequest upload = HttpRequest.newBuilder(url.resolve("/upload"))
                    .POST(BodyPublishers.ofInputStream(bulk::stream))
                    .build();
            assertThat(visitor.send(upload, BodyHandlers.ofString()).body())
                    .isEqualTo(bulk.length() + " " + bulk.checksum());
            HttpRequest download = HttpRequest.newBuilder(url.resolve("/download?" + bulk.length()))
                    .build();
            assertThat(Bulk.checksum(
                            visitor.send(download, BodyHandlers.ofInputStream()).body()))
                    .isEqualTo(bulk.checksum());
        }
    }

    @Test
    void servesAnUpgradeWithHalfClose() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING + "first");
                    byte[] all = c.readToEnd();
                    c.send("last ").send(all);
                });
                BareAgent agent = agent(origin.port());
                RawHttp visitor = RawHttp.connect(agent.publicPort())) {
            visitor.send(Upgrades.request("127.0.0.1:" + agent.publicPort()) + "glued");
            assertThat(RawHttp.fields(visitor.readHead()))
                    .containsExactlyInAnyOrderElementsOf(RawHttp.fields(Upgrades.SWITCHING));
            assertThat(visitor.readText(5)).isEqualTo("first");
            visitor.send(" and more").end();
            assertThat(new String(visitor.readToEnd(), ISO_8859_1)).isEqualTo("last glued and more");
            await().untilAsserted(
                            () -> assertThat(metrics.closed(StreamKind.UPGRADE)).isEqualTo(1));
            assertThat(metrics.broken(StreamKind.UPGRADE)).isZero();
            assertThat(metrics.bytes(StreamKind.UPGRADE, Direction.DOWN))
                    .isEqualTo(Upgrades.SWITCHING.length() + "firstlast glued and more".length());
        }
    }

    @Test
    void saysWhyAStreamCannotOpen() throws Exception {
        try (BareAgent agent = agent(unusedPort());
                RawHttp visitor = RawHttp.connect(agent.publicPort())) {
            for (String request : new String[] {get(1), Upgrades.request("127.0.0.1")}) {
                RawHttp.Response response = visitor.send(request).readResponse();
                assertThat(response.status()).isEqualTo(502);
                assertThat(response.field("Tunnel-Error")).isEqualTo(TunnelError.LOCAL_REFUSED.code());
            }
        }
    }

    @Test
    void skipsUnknownMessagesAndFields() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                BareAgent agent = agent(origin.port());
                RawHttp visitor = RawHttp.connect(agent.publicPort())) {
            agent.send(BareAgent.message("fromthefuture").put("field", 1));
            agent.send(BareAgent.message("ping").put("nonce", 7).put("more", "x"));
            agent.awaitMessage("pong");
            assertThat(visitor.send(get(1)).readResponse().text()).isEqualTo("fine");
        }
    }

    @Test
    void isClosedForMalformedMessages() throws Exception {
        try (BareAgent agent = agent(1)) {
            agent.registered();
            agent.send(BareAgent.message("credit").put("stream_id", 5).put("bytes", "many"));
            assertThat(agent.closed()).isEqualTo(1007);
        }
    }

    @Test
    void leavesAnAnswerForItsAbsence() throws Exception {
        relay.close();
        relay = relay().domain("example.test").start();
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                BareAgent agent = agent(origin.port())) {
            String host =
                    URI.create(agent.registered().at("/tunnels/0/url").asText()).getHost();
            String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
            try (RawHttp visitor = RawHttp.connect(relay.port())) {
                assertThat(visitor.send(request).readResponse().text()).isEqualTo("fine");
            }
            agent.vanish();
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                try (RawHttp later = RawHttp.connect(relay.port())) {
                    RawHttp.Response response = later.send(request).readResponse();
                    assertThat(response.status()).isIn(503, 404);
                    assertThat(response.field("Tunnel-Error")).isIn("agent-away", "unknown-tunnel");
                }
            });
        }
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
