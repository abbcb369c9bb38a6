package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** From the handshake to bytes that nobody looks at. */
class UpgradeTest {
    private static final String HANDSHAKE =
            "GET /chat HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\nOrigin: http://x\r\n\r\n";
    private static final String SWITCH =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
                    + "Sec-WebSocket-Protocol: chat\r\nSet-Cookie: a=1\r\n\r\n";

    private static void echo(TestOrigin.Connection connection) throws Exception {
        for (int b = connection.in.read(); b >= 0; b = connection.in.read()) {
            connection.out.write(b);
        }
    }

    @Test
    void passesTheHandshakeAndThenBytes() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send(SWITCH);
                    echo(connection);
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            String head = visitor.send(HANDSHAKE).readHead();
            assertThat(head).startsWith("HTTP/1.1 101 ");
            assertThat(Wire.fields(head, "Connection")).containsExactly("Upgrade");
            assertThat(Wire.fields(head, "Upgrade")).containsExactly("websocket");
            assertThat(Wire.field(head, "Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(Wire.field(head, "Sec-WebSocket-Extensions")).isEqualTo("permessage-deflate");
            assertThat(Wire.field(head, "Sec-WebSocket-Protocol")).isEqualTo("chat");
            assertThat(Wire.field(head, "Set-Cookie")).isEqualTo("a=1");
            assertThat(Wire.field(head, "Date")).isNull();
            assertThat(Wire.field(head, "Content-Length")).isNull();
            visitor.send("\u0000\u00ff not a frame");
            assertThat(visitor.read(14)).isEqualTo("\u0000\u00ff not a frame");

            String asked = origin.head();
            assertThat(Wire.fields(asked, "Connection")).containsExactly("Upgrade");
            assertThat(Wire.fields(asked, "Upgrade")).containsExactly("websocket");
            assertThat(Wire.field(asked, "Sec-WebSocket-Key")).isEqualTo("dGhlIHNhbXBsZSBub25jZQ==");
            assertThat(Wire.field(asked, "Origin")).isEqualTo("http://x");
            assertThat(relay.tunnel().up).hasValue(asked.length() + 14);
            assertThat(relay.tunnel().down).hasValue(SWITCH.length() + 14);
        }
    }

    @Test
    void keepsBytesBehindEitherHead() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send(SWITCH + "first from the service");
                    echo(connection);
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send(HANDSHAKE + "first from the visitor").readHead();
            assertThat(visitor.read(44)).isEqualTo("first from the servicefirst from the visitor");
            assertThat(relay.tunnel().up).hasValue(origin.head().length() + 22);
            assertThat(relay.tunnel().down).hasValue(SWITCH.length() + 44);
        }
    }

    @Test
    void passesARefusalAndKeepsTheVisitorsConnection() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    for (String head = connection.readHead(); head != null; head = connection.readHead()) {
                        connection.send(
                                head.contains("/chat")
                                        ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
                                        : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (int i = 0; i < 3; i++) {
                TestVisitor.Answer refused = visitor.ask(HANDSHAKE);
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.body()).isEqualTo("no");
                assertThat(visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")
                                .body())
                        .isEqualTo("yes");
            }
            assertThat(relay.tunnel().opened).hasValue(4); // the stream of an upgrade is never used again
        }
    }

    @Test
    void letsTheLocalServiceRefuseAnotherVersion() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n");
            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.field("Upgrade")).isEqualTo("websocket");
            assertThat(answer.field("Sec-WebSocket-Version")).isEqualTo("13");
        }
    }

    @Test
    void keepsHalfClosesApart() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send(SWITCH);
                    String all = new String(connection.in.readAllBytes());
                    connection.send("got " + all);
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send(HANDSHAKE).readHead();
            visitor.send("everything");
            visitor.socket.shutdownOutput();
            assertThat(visitor.readToEnd()).isEqualTo("got everything");
        }
    }

    @Test
    void passesResetsBothWays() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    String head = connection.readHead();
                    connection.send(SWITCH);
                    if (head.contains("/chat")) {
                        connection.reset();
                        return;
                    }
                    try {
                        seen.complete(connection.in.read());
                    } catch (java.io.IOException x) {
                        seen.completeExceptionally(x);
                    }
                });
                TestRelay relay = new TestRelay(origin)) {
            try (TestVisitor visitor = relay.visit()) {
                visitor.send(HANDSHAKE);
                assertThatThrownBy(visitor::readToEnd).isInstanceOf(SocketException.class);
            }
            try (TestVisitor visitor = relay.visit()) {
                visitor.send(HANDSHAKE.replace("/chat", "/other")).readHead();
                visitor.socket.setSoLinger(true, 0);
            }
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    @Test
    void refusesAnUpgradeWithABody() throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(HANDSHAKE.replace("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc"));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("bad-request");
            assertThat(visitor.readToEnd()).isEmpty();
            assertThat(origin.accepted()).isZero();
        }
    }

    @Test
    void neverTunnelsAnotherProtocol() throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask("GET /admin HTTP/1.1\r\nHost: app.test\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n");
            assertThat(answer.body()).isEqualTo("ok");
            String head = origin.head();
            assertThat(Wire.field(head, "Upgrade")).isNull();
            assertThat(Wire.field(head, "HTTP2-Settings")).isNull();
            assertThat(Wire.field(head, "Connection")).isNull();
        }
    }

    @Test
    void ignoresAnUpgradeThatIsNoHandshake() throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            String post = HANDSHAKE.replace("GET ", "POST ").replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello");
            assertThat(visitor.ask(post).body()).isEqualTo("ok");
            String head = origin.head();
            assertThat(Wire.field(head, "Upgrade")).isNull();
            assertThat(Wire.field(head, "Content-Length")).isEqualTo("5");
        }
    }

    @Test
    void refusesASwitchToAnotherProtocol() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
                    connection.in.read();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(HANDSHAKE);
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("local-protocol");
        }
    }

    @Test
    void endsTheStreamOfAVisitorThatLeavesDuringTheHandshake() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    try {
                        seen.complete(connection.in.read());
                    } catch (java.io.IOException x) {
                        seen.completeExceptionally(x);
                    }
                });
                TestRelay relay = new TestRelay(origin)) {
            try (TestVisitor visitor = relay.visit()) {
                visitor.send(HANDSHAKE);
                origin.head();
            }
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    /** Longer than a busy machine takes from a connect to the request behind it. */
    private static final java.time.Duration SOON = java.time.Duration.ofSeconds(1);

    @Test
    void hasNoIdleTimeoutAfterTheUpgrade() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send(SWITCH);
                    echo(connection);
                });
                TestRelay relay = new TestRelay(
                        origin,
                        options -> options.timeouts(t -> t.idle(SOON)
                                .requestHead(SOON)
                                .requestBody(SOON)
                                .response(SOON)
                                .responseIdle(SOON)
                                .unread(SOON)));
                TestVisitor visitor = relay.visit();
                TestVisitor idle = relay.visit()) {
            visitor.send(HANDSHAKE).readHead();
            assertThat(idle.readToEnd()).isEmpty(); // long enough for this one
            visitor.send("still here");
            assertThat(visitor.read(10)).isEqualTo("still here");
        }
    }

    @Test
    void holdsManyAtOnce() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send(SWITCH);
                    echo(connection);
                });
                TestRelay relay = new TestRelay(origin)) {
            java.util.List<TestVisitor> visitors = new java.util.ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    visitors.add(relay.visit().send(HANDSHAKE));
                }
                for (TestVisitor visitor : visitors) {
                    assertThat(Wire.status(visitor.readHead())).isEqualTo(101);
                    visitor.send("ping");
                }
                for (TestVisitor visitor : visitors) {
                    assertThat(visitor.read(4)).isEqualTo("ping");
                }
            } finally {
                for (TestVisitor visitor : visitors) {
                    visitor.close();
                }
            }
        }
    }
}
