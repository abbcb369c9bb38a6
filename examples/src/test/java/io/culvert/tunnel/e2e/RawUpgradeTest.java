package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** An upgraded connection byte by byte: heads, glued bytes, ends and resets, and what the metrics say. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class RawUpgradeTest {
    private final TransportCase transport;

    RawUpgradeTest(TransportCase transport) {
        this.transport = transport;
    }

    @Test
    void passesTheAnswersOwnFields() throws Exception {
        String answer = "HTTP/1.1 101 Switching Protocols\r\n"
                + "Server: mine/1.0\r\n"
                + "Upgrade: websocket\r\n"
                + "Connection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + Upgrades.ACCEPT + "\r\n"
                + "Sec-WebSocket-Protocol: chat.v2\r\n"
                + "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover, x-test\r\n"
                + "Set-Cookie: a=1; Path=/; HttpOnly\r\n"
                + "Set-Cookie: b=2\r\n"
                + "X-Own: one\r\n"
                + "\r\n";
        AtomicReference<String> request = new AtomicReference<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    request.set(c.readHead());
                    c.send(answer).readToEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(
                    rig.host(),
                    "Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n"
                            + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-test\r\n"
                            + "Origin: https://page.example\r\nCookie: c=3; d=4\r\nX-Asked: two\r\n"));
            String head = visitor.readHead();
            assertThat(head).startsWith("HTTP/1.1 101 ");
            assertThat(RawHttp.fields(head)).containsExactlyInAnyOrderElementsOf(RawHttp.fields(answer));
            assertThat(RawHttp.values(RawHttp.fields(head), "Set-Cookie"))
                    .containsExactly("a=1; Path=/; HttpOnly", "b=2");
            assertThat(request.get()).startsWith("GET /socket HTTP/1.1\r\n");
            assertThat(RawHttp.fields(request.get()))
                    .contains(
                            "Host: " + rig.host(),
                            "Sec-WebSocket-Protocol: chat.v1, chat.v2",
                            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-test",
                            "Origin: https://page.example",
                            "Cookie: c=3; d=4",
                            "X-Asked: two",
                            "Sec-WebSocket-Version: 13");
        }
    }

    @Test
    void passesARefusalAndTheVisitorsConnectionIsReusable() throws Exception {
        String refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\nX-Why: origin\r\n\r\nnot here\n";
        try (RawOrigin origin = RawOrigin.answering(
                        head -> head.contains("Upgrade: websocket") ? refused : RawOrigin.ok("fine"));
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host()));
            RawHttp.Response refusal = visitor.readResponse();
            assertThat(refusal.status()).isEqualTo(403);
            assertThat(refusal.text()).isEqualTo("not here\n");
            assertThat(refusal.field("X-Why")).isEqualTo("origin");
            visitor.send("GET / HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
            assertThat(visitor.readResponse().text()).isEqualTo("fine");
        }
    }

    @Test
    void losesNoBytesGluedBehindEitherHead() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING + "from the service");
                    assertThat(c.readText(16)).isEqualTo("from the visitor");
                    c.send("done").readToEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host()) + "from the visitor");
            visitor.readHead();
            assertThat(visitor.readText(20)).isEqualTo("from the servicedone");
        }
    }

    @Test
    void losesNothingOfALongTailGluedBehindTheHead() throws Exception {
        byte[] tail = random(100_000);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(concat(Upgrades.SWITCHING.getBytes(ISO_8859_1), tail));
                    c.send(c.readExactly(tail.length)).readToEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(concat(Upgrades.request(rig.host()).getBytes(ISO_8859_1), tail));
            visitor.readHead();
            assertThat(visitor.readExactly(tail.length)).isEqualTo(tail);
            assertThat(visitor.readExactly(tail.length)).isEqualTo(tail);
        }
    }

    @Test
    void deliversWhatTheServiceSaysBeforeTheVisitorSpeaks() throws Exception {
        CountDownLatch headArrived = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING);
                    assertThat(headArrived.await(30, TimeUnit.SECONDS)).isTrue();
                    c.send("hello").readToEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            headArrived.countDown();
            assertThat(visitor.readText(5)).isEqualTo("hello");
        }
    }

    @Test
    void aVisitorsEndLeavesTheOtherDirectionOpen() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING);
                    byte[] all = c.readToEnd();
                    c.send("after your end: ").send(all);
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            visitor.send("last words").end();
            assertThat(new String(visitor.readToEnd(), ISO_8859_1)).isEqualTo("after your end: last words");
            awaitClosed(rig, 0);
        }
    }

    @Test
    void aServicesEndLeavesTheOtherDirectionOpen() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING + "my last words").end();
                    heard.complete(new String(c.readToEnd(), ISO_8859_1));
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            assertThat(new String(visitor.readToEnd(), ISO_8859_1)).isEqualTo("my last words");
            visitor.send("still here").end();
            assertThat(heard.get(30, TimeUnit.SECONDS)).isEqualTo("still here");
            awaitClosed(rig, 0);
        }
    }

    @Test
    void aServicesResetReachesTheVisitorAsAReset() throws Exception {
        CountDownLatch echoed = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING + "before");
                    assertThat(echoed.await(30, TimeUnit.SECONDS)).isTrue();
                    c.reset();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            assertThat(visitor.readText(6)).isEqualTo("before");
            echoed.countDown();
            visitor.assertReset();
            awaitClosed(rig, 1);
        }
    }

    @Test
    void aVisitorsResetReachesTheServiceAsAReset() throws Exception {
        CompletableFuture<Throwable> heard = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(Upgrades.SWITCHING + "before");
                    try {
                        c.assertReset();
                        heard.complete(null);
                    } catch (AssertionError x) {
                        heard.complete(x);
                    }
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            assertThat(visitor.readText(6)).isEqualTo("before");
            visitor.reset();
            assertThat(heard.get(30, TimeUnit.SECONDS)).isNull();
            awaitClosed(rig, 1);
        }
    }

    @Test
    void bothRolesRecordTheExactBytes() throws Exception {
        AtomicInteger requestHead = new AtomicInteger();
        byte[] up = random(300_001);
        byte[] down = random(500_003);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    requestHead.set(c.readHead().length());
                    c.send(Upgrades.SWITCHING);
                    assertThat(c.readExactly(up.length)).isEqualTo(up);
                    c.send(down).end();
                    c.assertEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            visitor.send(up);
            assertThat(visitor.readToEnd()).isEqualTo(down);
            visitor.end();
            awaitClosed(rig, 0);
            long expectedUp = requestHead.get() + up.length;
            long expectedDown = Upgrades.SWITCHING.length() + down.length;
            for (CountingMetrics metrics : new CountingMetrics[] {rig.relayMetrics, rig.agentMetrics}) {
                assertThat(metrics.bytes(StreamKind.UPGRADE, Direction.UP)).isEqualTo(expectedUp);
                assertThat(metrics.bytes(StreamKind.UPGRADE, Direction.DOWN)).isEqualTo(expectedDown);
                assertThat(metrics.bytes(StreamKind.HTTP, Direction.UP)).isZero();
                assertThat(metrics.bytes(StreamKind.HTTP, Direction.DOWN)).isZero();
                assertThat(metrics.opened(StreamKind.UPGRADE)).isEqualTo(1);
            }
            assertThat(rig.tunnel.stats().upgradeBytesUp()).isEqualTo(expectedUp);
            assertThat(rig.tunnel.stats().upgradeBytesDown()).isEqualTo(expectedDown);
            assertThat(rig.tunnel.stats().openStreams()).isZero();
            assertThat(rig.relay.connections()).isEmpty();
        }
    }

    @Test
    void aConnectionShowsWhileItIsOpen() throws Exception {
        AtomicLong head = new AtomicLong();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    head.set(c.readHead().length());
                    c.send(Upgrades.SWITCHING).readToEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(Upgrades.request(rig.host())).readHead();
            assertThat(rig.relay.connections()).singleElement().satisfies(open -> {
                assertThat(open.stream().kind()).isEqualTo(StreamKind.UPGRADE);
                assertThat(open.stream().tunnel()).isEqualTo(rig.tunnel.name());
                assertThat(open.stream().transport()).isEqualTo(transport.transport());
                assertThat(open.bytesUp()).isEqualTo(head.get());
            });
            assertThat(rig.tunnel.stats().openStreams()).isEqualTo(1);
        }
    }

    private static void awaitClosed(Rig rig, int broken) {
        await().untilAsserted(() -> {
            for (CountingMetrics metrics : new CountingMetrics[] {rig.relayMetrics, rig.agentMetrics}) {
                assertThat(metrics.closed(StreamKind.UPGRADE)).isEqualTo(1);
                assertThat(metrics.broken(StreamKind.UPGRADE)).isEqualTo(broken);
            }
        });
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] concat(byte[] head, byte[] tail) {
        byte[] both = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, both, head.length, tail.length);
        return both;
    }
}
