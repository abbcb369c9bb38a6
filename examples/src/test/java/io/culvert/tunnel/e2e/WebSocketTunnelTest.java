package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSocket through the tunnel as programs use it: echo, many at once, large messages, ways to close, and metrics. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class WebSocketTunnelTest {
    private static final int CONNECTIONS = Integer.getInteger("culvert.test.webSockets", 500);
    private static final int LARGE = Integer.getInteger("culvert.test.largeMiB", 64) << 20;

    private static WebSocketClient client;

    private final TransportCase transport;

    WebSocketTunnelTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeAll
    static void startClient() throws Exception {
        client = new WebSocketClient();
        client.setMaxBinaryMessageSize(0);
        client.setMaxTextMessageSize(0);
        client.setMaxFrameSize(0);
        client.setIdleTimeout(Duration.ZERO);
        client.start();
    }

    @AfterAll
    static void stopClient() throws Exception {
        client.stop();
    }

    @Test
    void echoesText() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            for (String text : List.of("hello", "", "grüße, 世界 🌍", "x".repeat(70_000))) {
                visitor.session().sendText(text, Callback.NOOP);
                assertThat(visitor.next()).isEqualTo(text);
            }
        }
    }

    @Test
    void echoesBinary() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            for (int length : new int[] {0, 1, 125, 126, 65_535, 65_536, 1_000_003}) {
                byte[] bytes = random(length);
                visitor.session().sendBinary(ByteBuffer.wrap(bytes), Callback.NOOP);
                assertThat(visitor.next()).isEqualTo(ByteBuffer.wrap(bytes));
            }
        }
    }

    @Test
    void keepsFragments() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.start(() -> new WebSocketPeer.Fragmented(true));
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = new WebSocketPeer.Fragmented(false);
            Session session = connect(visitor, upgrade(rig));
            List<WebSocketPeer.Fragment> fragments = List.of(
                    new WebSocketPeer.Fragment("one ", false),
                    new WebSocketPeer.Fragment("two ", false),
                    new WebSocketPeer.Fragment("three", true));
            for (WebSocketPeer.Fragment fragment : fragments) {
                Callback.Completable sent = new Callback.Completable();
                session.sendPartialText(fragment.text(), fragment.last(), sent);
                sent.get(30, TimeUnit.SECONDS);
            }
            WebSocketPeer service = origin.nextPeer();
            for (WebSocketPeer.Fragment fragment : fragments) {
                assertThat(service.next()).isEqualTo(fragment);
                assertThat(visitor.next()).isEqualTo(fragment);
            }
        }
    }

    @Test
    void leavesCompressionToTheEnds() throws Exception {
        String text = "the same again, ".repeat(50_000);
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = new WebSocketPeer.Whole(false);
            ClientUpgradeRequest request = upgrade(rig);
            request.addExtensions("permessage-deflate");
            Session session = connect(visitor, request);
            session.setMaxTextMessageSize(0);
            assertThat(session.getUpgradeResponse().getHeader("Sec-WebSocket-Extensions"))
                    .contains("permessage-deflate");
            session.sendText(text, Callback.NOOP);
            assertThat(visitor.next()).isEqualTo(text);
            assertThat(rig.agentMetrics.bytes(StreamKind.UPGRADE, Direction.UP)).isLessThan(text.length() / 10);
            assertThat(rig.agentMetrics.bytes(StreamKind.UPGRADE, Direction.DOWN))
                    .isLessThan(text.length() / 10);
        }
    }

    @Test
    void negotiatesASubprotocol() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            ClientUpgradeRequest request = upgrade(rig);
            request.setSubProtocols("other", "chat");
            Session session = connect(new WebSocketPeer.Whole(false), request);
            assertThat(session.getUpgradeResponse().getAcceptedSubProtocol()).isEqualTo("chat");
        }
    }

    @Test
    void carriesALargeMessage() throws Exception {
        ByteBuffer large = ByteBuffer.wrap(random(LARGE));
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            visitor.session().sendBinary(large.slice(), Callback.NOOP);
            assertThat(visitor.next()).isEqualTo(large);
        }
    }

    @Test
    void carriesPingsAndPongsBothWays() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            visitor.session().sendPing(StandardCharsets.UTF_8.encode("up"), Callback.NOOP);
            assertThat(visitor.next()).isEqualTo(new WebSocketPeer.Pong("up"));
            WebSocketPeer service = origin.nextPeer();
            service.session().sendPing(StandardCharsets.UTF_8.encode("down"), Callback.NOOP);
            assertThat(service.next()).isEqualTo(new WebSocketPeer.Pong("down"));
        }
    }

    @Test
    void carriesCloseCodesBothWays() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            visitor.session().close(4001, "visitor's reason", Callback.NOOP);
            assertThat(origin.nextPeer().closed()).isEqualTo(new WebSocketPeer.Closed(4001, "visitor's reason"));
            assertThat(visitor.closed().code()).isEqualTo(4001);

            WebSocketPeer other = connect(rig);
            origin.nextPeer().session().close(4002, "service's reason", Callback.NOOP);
            assertThat(other.closed()).isEqualTo(new WebSocketPeer.Closed(4002, "service's reason"));
            awaitClosed(rig, 2);
        }
    }

    @Test
    void anAbruptEndIsSeenAs1006BothWays() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            visitor.session().disconnect();
            assertThat(origin.nextPeer().closed().code()).isEqualTo(1006);

            WebSocketPeer other = connect(rig);
            origin.nextPeer().session().disconnect();
            assertThat(other.closed().code()).isEqualTo(1006);
            awaitClosed(rig, 2);
        }
    }

    @Test
    void closingTheTunnelEndsWebSockets() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            WebSocketPeer visitor = connect(rig);
            WebSocketPeer service = origin.nextPeer();
            rig.agent.close();
            assertThat(visitor.closed().code()).isIn(1001, 1006);
            assertThat(service.closed().code()).isIn(1001, 1006);
        }
    }

    @Test
    void carriesManyAtOnce() throws Exception {
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            List<WebSocketPeer> visitors = new ArrayList<>();
            List<CompletableFuture<Session>> connecting = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                WebSocketPeer visitor = new WebSocketPeer.Whole(false);
                visitors.add(visitor);
                connecting.add(client.connect(visitor, rig.webSocket("/" + i)));
            }
            for (CompletableFuture<Session> session : connecting) {
                session.get(60, TimeUnit.SECONDS);
            }
            assertThat(rig.relay.connections()).hasSize(CONNECTIONS);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < CONNECTIONS; i++) {
                    visitors.get(i).session().sendText(message(round, i), Callback.NOOP);
                }
                for (int i = 0; i < CONNECTIONS; i++) {
                    assertThat(visitors.get(i).next()).isEqualTo(message(round, i));
                }
            }
            for (WebSocketPeer visitor : visitors) {
                visitor.session().close(1000, null, Callback.NOOP);
            }
            for (WebSocketPeer visitor : visitors) {
                assertThat(visitor.closed().code()).isEqualTo(1000);
            }
            awaitClosed(rig, CONNECTIONS);
        }
    }

    @Test
    void bothRolesRecordTheSame() throws Exception {
        byte[] bytes = random(200_000);
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                Rig rig = Rig.start(transport, origin.port())) {
            for (int i = 0; i < 5; i++) {
                WebSocketPeer visitor = connect(rig);
                visitor.session().sendBinary(ByteBuffer.wrap(bytes), Callback.NOOP);
                visitor.next();
                visitor.session().close(1000, "done", Callback.NOOP);
                visitor.closed();
            }
            awaitClosed(rig, 5);
            for (Direction direction : Direction.values()) {
                long counted = rig.relayMetrics.bytes(StreamKind.UPGRADE, direction);
                assertThat(counted).isGreaterThan(5L * bytes.length);
                assertThat(rig.agentMetrics.bytes(StreamKind.UPGRADE, direction))
                        .isEqualTo(counted);
            }
            assertThat(rig.agentMetrics.opened(StreamKind.UPGRADE)).isEqualTo(5);
            assertThat(rig.relayMetrics.opened(StreamKind.UPGRADE)).isEqualTo(5);
        }
    }

    private static String message(int round, int i) {
        return "round " + round + " of " + i;
    }

    private static ClientUpgradeRequest upgrade(Rig rig) {
        return new ClientUpgradeRequest(rig.webSocket("/"));
    }

    private static WebSocketPeer connect(Rig rig) throws Exception {
        WebSocketPeer visitor = new WebSocketPeer.Whole(false);
        connect(visitor, upgrade(rig));
        return visitor;
    }

    private static Session connect(WebSocketPeer visitor, ClientUpgradeRequest request) throws Exception {
        return client.connect(visitor, request).get(30, TimeUnit.SECONDS);
    }

    private static void awaitClosed(Rig rig, int streams) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(rig.relayMetrics.closed(StreamKind.UPGRADE)).isEqualTo(streams);
            assertThat(rig.agentMetrics.closed(StreamKind.UPGRADE)).isEqualTo(streams);
        });
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
