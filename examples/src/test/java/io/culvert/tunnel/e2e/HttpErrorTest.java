package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.TunnelError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The answers that a visitor gets from the relay itself. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class HttpErrorTest {
    private final TransportCase transport;

    HttpErrorTest(TransportCase transport) {
        this.transport = transport;
    }

    private static void assertError(RawHttp.Response response, TunnelError error) {
        assertThat(response.status()).isEqualTo(error.status());
        assertThat(response.field("Tunnel-Error")).isEqualTo(error.code());
        assertThat(response.field("Content-Type")).startsWith("text/plain");
        assertThat(response.text()).isNotBlank().doesNotContain("127.0.0.1", "java.", "Exception");
        if (error.status() == 503) {
            assertThat(response.field("Retry-After")).matches("\\d+");
        }
    }

    private static String get(String host) {
        return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    @Test
    void nothingListens() throws Exception {
        try (Rig rig = Rig.start(transport, unusedPort());
                RawHttp visitor = rig.visit()) {
            assertError(visitor.send(get(rig.host())).readResponse(), TunnelError.LOCAL_REFUSED);
            assertError(visitor.send(get(rig.host())).readResponse(), TunnelError.LOCAL_REFUSED);
            assertError(visitor.send(Upgrades.request(rig.host())).readResponse(), TunnelError.LOCAL_REFUSED);
            assertThat(rig.relayMetrics.refused(TunnelError.LOCAL_REFUSED)).isEqualTo(3);
        }
    }

    @Test
    void aServiceThatComesUpIsReachedAtOnce() throws Exception {
        int port = unusedPort();
        try (Rig rig = Rig.start(transport, port);
                RawHttp visitor = rig.visit()) {
            assertError(visitor.send(get(rig.host())).readResponse(), TunnelError.LOCAL_REFUSED);
            try (RawOrigin origin = RawOrigin.start(
                    "127.0.0.1", port, c -> c.send(RawOrigin.ok(c.readHead().substring(0, 3))))) {
                assertThat(visitor.send(get(rig.host())).readResponse().text()).isEqualTo("GET");
                assertThat(origin.accepted()).isEqualTo(1);
            }
        }
    }

    @Test
    void theServiceStaysSilent() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    over.await(30, TimeUnit.SECONDS);
                });
                Rig rig = Rig.start(
                        transport, origin.port(), relay -> relay.timeouts(t -> t.response(Duration.ofMillis(300))));
                RawHttp visitor = rig.visit()) {
            assertError(visitor.send(get(rig.host())).readResponse(), TunnelError.LOCAL_TIMEOUT);
            over.countDown();
        }
    }

    @Test
    void theServiceDoesNotSpeakHttp() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send("220 mail.example ESMTP\r\n");
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            assertError(visitor.send(get(rig.host())).readResponse(), TunnelError.LOCAL_PROTOCOL);
        }
    }

    @Test
    void theServiceClosesWithoutAnAnswer() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> c.readHead());
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            RawHttp.Response response = visitor.send(get(rig.host())).readResponse();
            assertThat(response.status()).isEqualTo(502);
            assertThat(response.field("Tunnel-Error")).isIn("reset", "local-protocol");
        }
    }

    @Test
    void noTunnelHasThatHost() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("here"));
                Rig rig = Rig.start(transport, origin.port(), relay -> relay.domain("example.test"))) {
            assertThat(rig.host()).isEqualTo(rig.tunnel.name() + ".example.test:" + rig.relay.port());
            for (String host : new String[] {"nobody.example.test", "a." + rig.host(), "elsewhere.invalid"}) {
                assertError(answer(rig, host), TunnelError.UNKNOWN_TUNNEL);
            }
            assertThat(origin.accepted()).isZero();
            assertThat(answer(rig, rig.host()).text()).isEqualTo("here");
            assertThat(answer(rig, rig.host().toUpperCase(Locale.ROOT)).text()).isEqualTo("here");
        }
    }

    private static RawHttp.Response answer(Rig rig, String host) throws IOException {
        try (RawHttp visitor = RawHttp.connect(rig.relay.port())) {
            return visitor.send(get(host)).readResponse();
        }
    }

    @Test
    void methodsThatAreNotCarried() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("no"));
                Rig rig = Rig.start(transport, origin.port())) {
            try (RawHttp visitor = rig.visit()) {
                visitor.send("TRACE / HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
                assertError(visitor.readResponse("TRACE"), TunnelError.METHOD_REFUSED);
            }
            try (RawHttp visitor = rig.visit()) {
                visitor.send("CONNECT " + rig.host() + " HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
                assertThat(visitor.readResponse().status()).isIn(400, 405);
            }
            assertThat(origin.accepted()).isZero();
        }
    }

    @Test
    void aHeadWithoutEnd() throws Exception {
        String piece = "x".repeat(1000);
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("no"));
                Rig rig = Rig.start(transport, origin.port())) {
            for (String start : new String[] {"GET / HTTP/1.1\r\nHost: " + rig.host() + "\r\nX: ", "GET /"}) {
                try (RawHttp visitor = rig.visit()) {
                    visitor.send(start + piece.repeat(17)); // just over the limit
                    RawHttp.Response response = visitor.readResponse();
                    assertThat(response.status()).isIn(414, 431);
                    assertThat(response.field("Connection")).isEqualTo("close");
                }
                try (RawHttp visitor = rig.visit()) {
                    visitor.send(start);
                    assertThatThrownBy(() -> {
                                while (true) {
                                    visitor.send(piece);
                                }
                            })
                            .isInstanceOf(IOException.class);
                }
            }
            assertThat(origin.accepted()).isZero();
        }
    }

    @Test
    void aLimitOfStreams() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    first.countDown();
                    over.await(30, TimeUnit.SECONDS);
                    c.send(RawOrigin.ok("slow"));
                });
                Rig rig = Rig.start(transport, origin.port(), relay -> relay.limits(l -> l.streamsPerTunnel(1)));
                RawHttp slow = rig.visit();
                RawHttp visitor = rig.visit()) {
            slow.send(get(rig.host()));
            assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
            assertError(visitor.send(get(rig.host())).readResponse(), TunnelError.OVERLOADED);
            over.countDown();
            assertThat(slow.readResponse().text()).isEqualTo("slow");
        }
    }

    @Test
    void aClosedTunnel() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("here"));
                Rig rig = Rig.start(transport, origin.port(), relay -> relay.domain("example.test"))) {
            assertThat(answer(rig, rig.host()).text()).isEqualTo("here");
            rig.tunnel.close();
            await().until(() -> rig.relay.tunnels().isEmpty()); // the relay hears of it by message
            assertError(answer(rig, rig.host()), TunnelError.UNKNOWN_TUNNEL);
        }
    }
}
