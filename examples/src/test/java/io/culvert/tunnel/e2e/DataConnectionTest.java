package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.TunnelRelay;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams that nobody may take, that are taken twice, never come, or die midway, with an agent made by hand. */
class DataConnectionTest {
    private static final int CREDIT = 64 * 1024;
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example.test\r\n\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked";
    private static final String HALF = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";

    private TunnelRelay relay;
    private JsonNode registered;

    private void start(Consumer<TunnelRelay.Builder> options) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .domain("example.test")
                .authenticator(
                        token -> token.startsWith("owner-") ? Optional.of(new AgentIdentity(token)) : Optional.empty())
                .graceTime(Duration.ofMillis(500))
                .slots(0)
                .drainTimeout(Duration.ZERO);
        options.accept(builder);
        relay = builder.start();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    /** An agent with the tunnel {@code shop}. */
    private RawControl agent(String transport) throws IOException {
        RawControl agent = RawControl.open(relay.port(), "owner-1");
        registered = agent.register("one", transport, CREDIT, "shop");
        return agent;
    }

    private RawHttp visit(String request) throws IOException {
        return RawHttp.connect(relay.port()).send(request);
    }

    private static String dial(String id, String authorization) {
        return "GET /_ws_proxy/" + id + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: culvert\r\n"
                + authorization + "\r\n";
    }

    private static String secret(JsonNode registered) {
        return "Authorization: Bearer " + registered.path("data_secret").asText() + "\r\n";
    }

    /** A data connection that was let in. */
    private RawHttp dialled(String id) throws IOException {
        RawHttp connection = visit(dial(id, secret(registered)));
        assertThat(connection.readHead()).startsWith("HTTP/1.1 101 ");
        return connection;
    }

    private RawHttp.Response refusal(String dial) throws IOException {
        try (RawHttp stranger = visit(dial)) {
            return stranger.readResponse();
        }
    }

    @Test
    void whoGuessesOrStoleAnIdGetsOneAnswer() throws Exception {
        start(options -> {});
        try (RawControl agent = agent("tcp");
                RawControl other = RawControl.open(relay.port(), "owner-2");
                RawHttp visitor = visit(GET)) {
            JsonNode othersSession = other.register("two", "tcp", CREDIT, "other");
            String id = agent.next("httprequest").path("request_id").asText();
            assertThat(id).matches("[0-9a-f]{32}");
            Map<String, String> strangers = new LinkedHashMap<>();
            strangers.put("a guessed id", dial("0".repeat(32), secret(registered)));
            strangers.put("no id", dial("", secret(registered)));
            strangers.put("another session's secret", dial(id, secret(othersSession)));
            strangers.put("no secret", dial(id, ""));
            strangers.put("the agent's own token", dial(id, "Authorization: Bearer owner-1\r\n"));
            strangers.put(
                    "a secret that is nearly right", dial(id, secret(registered).replace("\r\n", "0\r\n")));
            strangers.forEach((what, dial) -> assertThat(refusalOf(dial))
                    .as(what)
                    .isEqualTo(refusalOf(dial("f".repeat(32), "")))
                    .startsWith("HTTP/1.1 404 "));
            try (RawHttp data = dialled(id)) {
                assertThat(data.readHead()).startsWith("GET / HTTP/1.1\r\n");
                data.send(RawOrigin.ok("honest"));
                assertThat(visitor.readResponse().text()).isEqualTo("honest");
            }
        }
    }

    private String refusalOf(String dial) {
        try {
            RawHttp.Response response = refusal(dial);
            return response.statusLine() + response.fields() + response.text();
        } catch (IOException x) {
            throw new AssertionError(x);
        }
    }

    @Test
    void anIdIsUsedOnceAndTheFirstGoesOn() throws Exception {
        start(options -> {});
        try (RawControl agent = agent("tcp");
                RawHttp visitor = visit(GET)) {
            String id = agent.next("httprequest").path("request_id").asText();
            try (RawHttp data = dialled(id)) {
                assertThat(refusal(dial(id, secret(registered))).status()).isEqualTo(409);
                data.readHead();
                data.send(RawOrigin.ok("first"));
                assertThat(visitor.readResponse().text()).isEqualTo("first");
                assertThat(refusal(dial(id, secret(registered))).status()).isIn(404, 409);
            }
        }
    }

    @Test
    void theSecretOfASessionThatIsOverOpensNothing() throws Exception {
        start(options -> {});
        try (RawControl agent = agent("tcp");
                RawHttp visitor = visit(GET)) {
            String id = agent.next("httprequest").path("request_id").asText();
            agent.vanish();
            assertThat(visitor.readResponse().status()).isEqualTo(503);
            await().until(() -> relay.tunnels().isEmpty());
            assertThat(refusal(dial(id, secret(registered))).status()).isEqualTo(404);
        }
    }

    @Test
    void aConnectionThatNeverComesIsA504AndLeavesNothing() throws Exception {
        start(options -> options.timeouts(t -> t.open(Duration.ofMillis(500))));
        try (RawControl agent = agent("tcp");
                RawHttp visitor = visit(GET);
                RawHttp upgrading = visit(Upgrades.request("shop.example.test"))) {
            for (RawHttp waiting : new RawHttp[] {visitor, upgrading}) {
                RawHttp.Response response = waiting.readResponse();
                assertThat(response.status()).isEqualTo(504);
                assertThat(response.field("Tunnel-Error")).isEqualTo("open-timeout");
            }
            String late = agent.next("httpcancel").path("request_id").asText();
            assertThat(refusal(dial(late, secret(registered))).status()).isEqualTo(404);
            await().untilAsserted(() -> assertThat(relay.connections()).isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({"reset, Content-Length: 100", "end, Content-Length: 100", "reset, " + CHUNKED, "end, " + CHUNKED})
    void aDownloadWhoseDataConnectionDiesIsVisiblyCut(String death, String framing) throws Exception {
        start(options -> {});
        try (RawControl agent = agent("tcp");
                RawHttp visitor = visit(GET)) {
            RawHttp data = dialled(agent.next("httprequest").path("request_id").asText());
            data.readHead();
            boolean chunked = framing.equals(CHUNKED);
            data.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n" + (chunked ? "4\r\n" : "") + "half");
            visitor.readHead();
            String begun = chunked ? "4\r\nhalf" : "half";
            assertThat(visitor.readText(begun.length())).isEqualTo(begun);
            if (death.equals("reset")) {
                data.reset();
            } else {
                data.close();
            }
            assertThatThrownBy(visitor::assertEnd)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void anUpgradedConnectionWhoseDataConnectionDiesIsReset() throws Exception {
        start(options -> {});
        try (RawControl agent = agent("tcp");
                RawHttp visitor = visit(Upgrades.request("shop.example.test"))) {
            String id = agent.next("websocketupgrade").path("connection_id").asText();
            agent.send(RawControl.message("websocketready").put("connection_id", id));
            RawHttp data = dialled(id);
            data.readHead();
            data.send(Upgrades.SWITCHING + "half");
            visitor.readHead();
            assertThat(visitor.readText(4)).isEqualTo("half");
            data.reset();
            visitor.assertReset();
        }
    }

    @Test
    void streamsOnAControlChannelThatDiesAreCutAndReset() throws Exception {
        start(options -> {});
        try (RawControl agent = agent("control");
                RawHttp visitor = visit(GET)) {
            String http = agent.next("httprequest").path("request_id").asText();
            agent.send(
                    RawControl.message("httpresponse").put("request_id", http).put("payload", base64(HALF)));
            visitor.readHead();
            assertThat(visitor.readText(4)).isEqualTo("half");
            try (RawHttp upgraded = visit(Upgrades.request("shop.example.test"))) {
                String id = agent.next("websocketupgrade").path("connection_id").asText();
                agent.send(RawControl.message("websocketready").put("connection_id", id));
                agent.send(RawControl.message("websocketframe")
                        .put("connection_id", id)
                        .put("direction", "down")
                        .put("data", base64(Upgrades.SWITCHING + "half")));
                upgraded.readHead();
                assertThat(upgraded.readText(4)).isEqualTo("half");
                agent.vanish();
                assertThatThrownBy(visitor::assertEnd)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("reset");
                upgraded.assertReset();
            }
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
