package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.jetty.JettyRelayHost;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which request goes where, and listening as such. */
class RoutingTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @ParameterizedTest
    @ValueSource(strings = {"app.test", "APP.Test", "app.test.", "app.test:80", "app.test:8080", "APP.test.:1"})
    void findsATunnelByHost(String host) throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            assertThat(Wire.field(origin.head(), "Host")).isEqualTo(host);
        }
    }

    @Test
    void tellsThatNoTunnelIsThere() throws Exception {
        try (TestRelay relay = new TestRelay(null);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask("GET /secret HTTP/1.1\r\nHost: nobody.test\r\nAccept: */*\r\n\r\n");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("unknown-tunnel");
            assertThat(answer.field("Content-Type")).startsWith("text/plain");
            assertThat(answer.field("Server")).isNull();
            assertThat(answer.body()).doesNotContain("nobody", "secret").contains("Check the address");
            assertThat(relay.refused).containsExactly(TunnelError.UNKNOWN_TUNNEL);
        }
    }

    @Test
    void answersInHtmlToWhoeverAsksForIt() throws Exception {
        try (TestRelay relay = new TestRelay(null);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(
                    "GET / HTTP/1.1\r\nHost: nobody.test\r\nAccept: text/html,application/xhtml+xml;q=0.9\r\n\r\n");
            assertThat(answer.field("Content-Type")).startsWith("text/html");
            assertThat(answer.body()).startsWith("<!DOCTYPE html>").contains("unknown-tunnel");
        }
    }

    @Test
    void answersAHeadThatIsTooLarge() throws Exception {
        try (TestRelay relay = new TestRelay(null);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer =
                    visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\nX: " + "x".repeat(17_000) + "\r\n\r\n");
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("head-too-large");
        }
    }

    @Test
    void carriesAHeadThatIsLarge() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nY: " + "y".repeat(15_000) + "\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer =
                    visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\nX: " + "x".repeat(15_000) + "\r\n\r\n");
            assertThat(answer.field("Y")).hasSize(15_000);
            assertThat(Wire.field(origin.head(), "X")).hasSize(15_000);
        }
    }

    @Test
    void findsATunnelByItsPort() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(null)) {
            int port = relay.edge.openPort(0);
            relay.byPort.put(port, relay.new DirectTunnel("own", origin.port()));
            try (TestVisitor visitor = new TestVisitor(port)) {
                for (String host : new String[] {"127.0.0.1:" + port, "any.test", "relay.test"}) {
                    assertThat(visitor.ask("GET /_tunnel/control HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                                    .body())
                            .isEqualTo("ok");
                }
                String old = visitor.send("GET / HTTP/1.0\r\n\r\n").readToEnd();
                assertThat(old).endsWith("ok");
            }
        }
    }

    @Test
    void closesAPortAndLeavesItsConnectionsAlone() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    closed.await(10, TimeUnit.SECONDS);
                    connection.send(OK);
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(null)) {
            int port = relay.edge.openPort(0);
            relay.byPort.put(port, relay.new DirectTunnel("own", origin.port()));
            try (TestVisitor visitor = new TestVisitor(port)) {
                visitor.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                origin.head();
                relay.edge.closePort(port);
                relay.byPort.clear();
                relay.edge.closePort(port);
                awaitRefusal(port);
                closed.countDown();
                assertThat(visitor.read().body()).isEqualTo("ok");
                assertThat(visitor.ask("GET / HTTP/1.1\r\nHost: relay.test\r\n\r\n")
                                .status())
                        .isEqualTo(404);
            }
            assertThat(relay.edge.openPort(port)).isEqualTo(port);
        }
    }

    /** The selector lets go of the socket on its own thread. */
    private static void awaitRefusal(int port) {
        await().untilAsserted(() ->
                assertThatThrownBy(() -> new TestVisitor(port).close()).isInstanceOf(ConnectException.class));
    }

    @Test
    void saysWhichAddressCannotBeHad() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestRelay relay = new TestRelay(null)) {
            assertThatThrownBy(() -> relay.edge.openPort(taken.getLocalPort()))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BIND_FAILED))
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
            assertThatThrownBy(() -> new TestRelay(null, options -> options.port(taken.getLocalPort())))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BIND_FAILED))
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void keepsReservedPathsToItsOwnHosts() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            JettyRelayHost host = relay.edge.host(JettyRelayHost.class).orElseThrow();
            Reserved handler = host.reserved("/_ws_proxy/", Reserved.class, Reserved::new);
            assertThat(host.reserved("/_ws_proxy/", Reserved.class, Reserved::new))
                    .isSameAs(handler);
            assertThat(handler.isStarted()).isTrue();

            assertThat(visitor.ask("GET /_ws_proxy/1 HTTP/1.1\r\nHost: relay.test\r\n\r\n")
                            .body())
                    .isEqualTo("reserved");
            assertThat(visitor.ask("GET /_ws_proxy/1 HTTP/1.1\r\nHost: app.test\r\n\r\n")
                            .body())
                    .isEqualTo("ok");
            assertThat(visitor.ask("GET /_ws_prox%79/1 HTTP/1.1\r\nHost: relay.test\r\n\r\n")
                            .status())
                    .isEqualTo(404);
            relay.close();
            assertThat(handler.isStopped()).isTrue();
        }
    }

    /** Blocks, as handlers may. */
    static final class Reserved extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Content.Sink.write(response, true, "reserved", callback);
            return true;
        }
    }

    @Test
    void hasNoOtherHostObjects() {
        try (TestRelay relay = new TestRelay(null)) {
            assertThat(relay.edge.host(String.class)).isEmpty();
        }
    }

    @Test
    void drains() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    answer.await(10, TimeUnit.SECONDS);
                    connection.send(OK);
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor busy = relay.visit();
                TestVisitor idle = relay.visit()) {
            int own = relay.edge.openPort(0);
            busy.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
            origin.head();
            relay.edge.drain(Duration.ofMillis(50)); // not done in that time

            TestVisitor.Answer refused = idle.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.field("Tunnel-Error")).isEqualTo("closing");
            awaitRefusal(own);
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(() -> relay.edge.drain(Duration.ofSeconds(10)));
            answer.countDown();
            assertThat(busy.read().body()).isEqualTo("ok");
            drained.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void leavesNothingBehind() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK)) {
            TestRelay relay = new TestRelay(origin);
            int port = relay.edge.port();
            int own = relay.edge.openPort(0);
            try (TestVisitor visitor = relay.visit()) {
                visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
                assertThat(relay.edge.drain(Duration.ofSeconds(20))).isTrue(); // what ends only now would be cut
                relay.close();
                relay.close();
                assertThat(visitor.in.read()).isEqualTo(-1);
            }
            await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().startsWith("culvert-relay")));
            for (int closed : new int[] {port, own}) {
                assertThatThrownBy(() -> new TestVisitor(closed).close()).isInstanceOf(ConnectException.class);
            }
            assertThatThrownBy(() -> relay.edge.openPort(0)).isInstanceOf(TunnelException.class);
        }
    }
}
