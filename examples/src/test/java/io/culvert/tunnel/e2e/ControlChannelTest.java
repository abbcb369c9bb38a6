package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Agents that are nobody, that are somebody else, or that keep to no rule, on the control channel; an honest one looks on. */
class ControlChannelTest {
    private static final int CREDIT = 64 * 1024;
    private static final int MOST_BYTES = 256 * 1024;

    /** So many at once are too many; more would meet a connection that is closed. */
    private static final int STRAYS = 256;

    private RawOrigin origin;
    private TunnelRelay relay;
    private TunnelAgent honest;
    private Tunnel tunnel;

    @BeforeEach
    void start() {
        origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
        relay = TunnelRelay.builder()
                .domain("example.test")
                .authenticator(
                        token -> token.startsWith("owner-") ? Optional.of(new AgentIdentity(token)) : Optional.empty())
                .graceTime(Duration.ofSeconds(2))
                .timeouts(t -> t.register(Duration.ofSeconds(3)))
                .limits(l -> l.credit(CREDIT))
                .drainTimeout(Duration.ZERO)
                .start();
        honest = TunnelAgent.builder()
                .relay(relay.uri())
                .token("owner-honest")
                .transports("control")
                .drainTimeout(Duration.ZERO)
                .build();
        tunnel = honest.expose(TunnelSpec.builder(origin.port()).name("demo").build());
    }

    @AfterEach
    void stop() throws Exception {
        honest.close();
        relay.close();
        origin.close();
    }

    private RawControl agent(String token) throws IOException {
        return RawControl.open(relay.port(), token);
    }

    private static String get(String host) {
        return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    /** Visitors of the honest agent notice nothing. */
    private void assertOthersGoOn() throws IOException {
        try (RawHttp visitor = RawHttp.connect(relay.port())) {
            assertThat(visitor.send(get("demo.example.test")).readResponse().text())
                    .isEqualTo("fine");
        }
        assertThat(relay.tunnels()).containsKey(tunnel.name());
    }

    private String refusal(String fields) throws IOException {
        try (RawHttp stranger = RawHttp.connect(relay.port())) {
            RawHttp.Response response =
                    stranger.send(RawControl.handshake("127.0.0.1", fields)).readResponse();
            return response.statusLine() + response.fields() + response.text();
        }
    }

    @Test
    void whoIsNobodyGetsOneAnswerBeforeTheSwitch() throws Exception {
        String unknown = refusal("Authorization: Bearer nobody\r\n");
        assertThat(unknown).startsWith("HTTP/1.1 401 ").doesNotContain("nobody");
        for (String fields : new String[] {
            "",
            "Authorization: Bearer owner\r\n",
            "Authorization: Bearer\r\n",
            "Authorization: Basic b3duZXItMTo=\r\n",
            "Authorization: Bearer " + "x".repeat(10_000) + "\r\n",
            "Authorization: Bearer caf\u00e9\r\n",
            "Authorization: Bearer owner-1\r\nAuthorization: Bearer owner-1\r\n",
        }) {
            assertThat(refusal(fields)).as(fields).isEqualTo(unknown);
        }
        assertOthersGoOn();
    }

    @Test
    void aWebPageDoesNotGetIn() throws Exception {
        for (String origin : new String[] {"http://127.0.0.1:" + relay.port(), "https://evil.test", "null"}) {
            assertThat(refusal("Authorization: Bearer owner-1\r\nOrigin: " + origin + "\r\n"))
                    .startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void whoSaysNothingIsClosed() throws Exception {
        try (RawControl silent = agent("owner-1")) {
            assertThat(silent.closeCode()).isEqualTo(1002);
        }
        assertOthersGoOn();
    }

    @Test
    void anothersNameIsRefusedInAnySpelling() throws Exception {
        try (RawControl thief = agent("owner-thief")) {
            String[] names = {
                "demo",
                "DEMO",
                "Demo",
                "demo.",
                "\uff44\uff45\uff4d\uff4f",
                "de\u00admo",
                "d\u0435mo",
                " demo",
                "demo\u0000"
            };
            JsonNode grants = thief.register("thief", "control", CREDIT, names).path("tunnels");
            assertThat(grants).hasSize(names.length);
            for (JsonNode grant : grants) {
                assertThat(grant.path("code").asText()).as(grant.toString()).isIn("name-taken", "name-invalid");
                assertThat(grant.has("url")).isFalse();
            }
            assertOthersGoOn();
        }
    }

    @Test
    void aNameIsKeptForItsOwnerThroughTheGraceTime() throws Exception {
        try (RawControl owner = agent("owner-1")) {
            assertThat(owner.register("one", "control", CREDIT, "shop")
                            .at("/tunnels/0/url")
                            .asText())
                    .contains("shop.example.test");
            owner.vanish();
        }
        try (RawControl thief = agent("owner-2")) {
            assertThat(thief.register("two", "control", CREDIT, "shop")
                            .at("/tunnels/0/code")
                            .asText())
                    .isEqualTo("name-taken");
            try (RawControl back = agent("owner-1")) {
                assertThat(back.register("one", "control", CREDIT, "shop")
                                .at("/tunnels/0/url")
                                .asText())
                        .contains("shop.example.test");
            }
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                thief.send(wish("shop"));
                assertThat(thief.next("exposed").at("/tunnel/url").asText()).contains("shop.example.test");
            });
        }
    }

    @Test
    void aPortIsKeptForItsOwnerThroughTheGraceTime() throws Exception {
        try (TunnelRelay byPort = TunnelRelay.builder()
                        .authenticator(token -> Optional.of(new AgentIdentity(token)))
                        .graceTime(Duration.ofMinutes(1))
                        .drainTimeout(Duration.ZERO)
                        .start();
                RawControl thief = RawControl.open(byPort.port(), "owner-2")) {
            int port;
            try (RawControl owner = RawControl.open(byPort.port(), "owner-1")) {
                String url = owner.register("one", "control", CREDIT, "shop")
                        .at("/tunnels/0/url")
                        .asText();
                port = URI.create(url).getPort();
                owner.vanish();
            }
            thief.register("two", "control", CREDIT);
            var wish = wish("mine");
            ((ObjectNode) wish.get("tunnel")).put("port", port);
            assertThat(thief.send(wish).next("exposed").at("/tunnel/code").asText())
                    .isEqualTo("name-taken");
        }
    }

    private static ObjectNode wish(String name) {
        var expose = RawControl.message("expose");
        expose.putObject("tunnel").put("ref", name).put("name", name);
        return expose;
    }

    @Test
    void theNewestConnectionOfAnAgentWins() throws Exception {
        try (RawControl older = agent("owner-1");
                RawControl newer = agent("owner-1")) {
            JsonNode first = older.register("one", "control", CREDIT, "shop");
            JsonNode second = newer.register("one", "control", CREDIT, "shop");
            assertThat(older.closeCode()).isEqualTo(1001);
            assertThat(second.path("session")).isEqualTo(first.path("session"));
            assertThat(second.at("/tunnels/0/url")).isEqualTo(first.at("/tunnels/0/url"));
            newer.send(RawControl.message("ping").put("nonce", 1));
            assertThat(newer.next("pong").path("nonce").asInt()).isEqualTo(1);
        }
    }

    /** What an agent sends, and the code that it is closed with. */
    static List<Arguments> brokenRules() {
        String deep = "{\"type\":\"ping\",\"nonce\":1,\"x\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
        String badBase64 = "{\"type\":\"httpresponse\",\"request_id\":\"1\",\"payload\":\"a b=\"}";
        byte[] fragment = new byte[MOST_BYTES / 2];
        return List.of(
                Arguments.of("one message too large", 1009, (Breach)
                        c -> c.raw(lengthOnly(RawControl.TEXT, MOST_BYTES + 1)).raw(new byte[1])),
                Arguments.of("one message too large, and whole", 1009, (Breach)
                        c -> c.frame(RawControl.FIN | RawControl.TEXT, new byte[2 * MOST_BYTES])),
                Arguments.of("too large in fragments", 1009, (Breach) c -> {
                    c.frame(RawControl.TEXT, fragment);
                    c.frame(0, fragment);
                    c.raw(lengthOnly(0, MOST_BYTES / 2)).raw(new byte[MOST_BYTES / 2]);
                }),
                Arguments.of("deep JSON", 1007, (Breach) c -> c.send(deep)),
                Arguments.of("bad base64", 1007, (Breach) c -> c.send(badBase64)),
                Arguments.of("no JSON", 1007, (Breach) c -> c.send("hello")),
                Arguments.of(
                        "a field twice", 1007, (Breach) c -> c.send("{\"type\":\"ping\",\"nonce\":1,\"nonce\":2}")),
                Arguments.of("no UTF-8", 1007, (Breach)
                        c -> c.frame(RawControl.FIN | RawControl.TEXT, new byte[] {'{', (byte) 0xc0, (byte) 0xaf})),
                Arguments.of("binary", 1003, (Breach) c -> c.frame(RawControl.FIN | RawControl.BINARY, new byte[3])),
                Arguments.of("no mask", 1002, (Breach) c -> c.raw(new byte[] {(byte) 0x81, 2, '{', '}'})),
                Arguments.of("a reserved bit, as of a compressed message", 1002, (Breach)
                        c -> c.frame(RawControl.FIN | 0x40 | RawControl.TEXT, "{}".getBytes(UTF_8))),
                Arguments.of("a reserved opcode", 1002, (Breach) c -> c.frame(RawControl.FIN | 5, new byte[2])),
                Arguments.of("a huge length", 1009, (Breach) c -> c.raw(lengthOnly(RawControl.TEXT, 1L << 60))),
                Arguments.of("a negative length", 1009, (Breach) c -> c.raw(lengthOnly(RawControl.TEXT, -1))),
                Arguments.of("register twice", 1002, (Breach) c -> c.send(RawControl.message("register")
                        .put("version", 1)
                        .put("agent_id", "two")
                        .put("credit", CREDIT)
                        .<ObjectNode>set("tunnels", RawControl.JSON.createArrayNode())
                        .set("transports", RawControl.JSON.createArrayNode()))),
                Arguments.of("what only relays send", 1002, (Breach) c -> c.send(RawControl.message("httprequest")
                        .put("request_id", "00")
                        .put("tunnel", "demo"))));
    }

    /** Breaks a rule. */
    private interface Breach {
        void on(RawControl channel) throws IOException;
    }

    /** A frame's head alone: behind one that is too large nothing more is read. */
    private static byte[] lengthOnly(int opcode, long length) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(RawControl.FIN | opcode);
        frame.write(0x80 | 127);
        frame.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        frame.writeBytes(new byte[4]);
        return frame.toByteArray();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("brokenRules")
    void whoBreaksARuleIsClosed(String what, int code, Breach breach) throws Exception {
        try (RawControl agent = agent("owner-1")) {
            agent.register("one", "control", CREDIT, "shop");
            breach.on(agent);
            assertThat(agent.closeCode()).isEqualTo(code);
            assertOthersGoOn();
        }
        try (RawControl early = agent("owner-1")) { // and before it registered
            breach.on(early);
            assertThat(early.closeCode()).isIn(code, 1000, 1002); // a first register is refused, and closed orderly
        }
    }

    @Test
    void nothingIsCompressed() throws Exception {
        try (RawHttp agent = RawHttp.connect(relay.port())) {
            String head = agent.send(RawControl.handshake(
                            "127.0.0.1",
                            "Authorization: Bearer owner-1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"))
                    .readHead();
            assertThat(head).startsWith("HTTP/1.1 101 ").doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
        }
    }

    @Test
    void manyHugeMessagesTakeNoMemory() throws Exception {
        List<RawControl> agents = new ArrayList<>();
        try {
            long before = usedHeap();
            for (int i = 0; i < 100; i++) {
                RawControl agent = agent("owner-" + i);
                agents.add(agent);
                agent.register("a" + i, "control", CREDIT);
                agent.frame(RawControl.TEXT, new byte[MOST_BYTES / 2]); // the rest never comes
            }
            assertOthersGoOn();
            assertThat(usedHeap() - before).isLessThan(100L * MOST_BYTES * 2);
        } finally {
            for (RawControl agent : agents) {
                agent.close();
            }
        }
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void anothersStreamIsOutOfReach() throws Exception {
        try (RawControl victim = agent("owner-1");
                RawControl thief = agent("owner-2");
                RawHttp visitor = RawHttp.connect(relay.port())) {
            victim.register("one", "control", CREDIT, "shop");
            thief.register("two", "control", CREDIT, "other");
            visitor.send(get("shop.example.test"));
            String id = victim.next("httprequest").path("request_id").asText();
            thief.send(chunk(id, RawOrigin.ok("stolen")));
            thief.send(RawControl.message("httpcancel")
                    .put("request_id", id)
                    .put("code", "reset")
                    .put("reason", ""));
            thief.send(RawControl.message("end").put("stream_id", id));
            thief.send(RawControl.message("ping").put("nonce", 1));
            thief.next("pong"); // it was dropped
            victim.send(chunk(id, RawOrigin.ok("honest")));
            assertThat(visitor.readResponse().text()).isEqualTo("honest");
        }
    }

    @Test
    void whoKeepsNamingStrangeStreamsIsClosed() throws Exception {
        try (RawControl agent = agent("owner-1")) {
            agent.register("one", "control", CREDIT, "shop");
            agent.send(chunk("0".repeat(32), "x"))
                    .send(RawControl.message("ping").put("nonce", 1));
            agent.next("pong"); // once is dropped
            for (int i = 0; i < STRAYS; i++) {
                agent.send(chunk(String.format("%032x", i), "x"));
            }
            assertThat(agent.closeCode()).isEqualTo(1008);
            assertOthersGoOn();
        }
    }

    private static ObjectNode chunk(String id, String bytes) {
        return RawControl.message("httpresponse")
                .put("request_id", id)
                .put("payload", Base64.getEncoder().encodeToString(bytes.getBytes(UTF_8)));
    }

    @Test
    void anAgentThatGrantsNoCreditStallsOneStreamOnly() throws Exception {
        byte[] block = new byte[CREDIT];
        try (RawControl agent = agent("owner-1");
                RawHttp uploader = RawHttp.connect(relay.port());
                RawHttp visitor = RawHttp.connect(relay.port())) {
            agent.register("one", "control", CREDIT, "shop");
            uploader.send("PUT / HTTP/1.1\r\nHost: shop.example.test\r\nContent-Length: 1000000000\r\n\r\n");
            uploader.send(block).send(block);
            int received = 0;
            String stalled = "";
            while (received < CREDIT) {
                JsonNode chunk = agent.next("httprequest");
                stalled = chunk.path("request_id").asText();
                received += chunk.path("payload").binaryValue().length;
            }
            assertThat(received).isEqualTo(CREDIT); // and not one byte more, however long it takes
            visitor.send(get("shop.example.test"));
            JsonNode other = agent.next("httprequest");
            assertThat(other.path("request_id").asText()).isNotEqualTo(stalled);
            agent.send(chunk(other.path("request_id").asText(), RawOrigin.ok("quick")));
            assertThat(visitor.readResponse().text()).isEqualTo("quick");
            agent.send(RawControl.message("credit").put("stream_id", stalled).put("bytes", 1000));
            assertThat(agent.next("httprequest").path("request_id").asText()).isEqualTo(stalled);
            assertOthersGoOn();
        }
    }
}
