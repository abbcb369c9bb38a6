package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AdminOptions;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay's own port, for who runs it. */
class AdminPortTest {
    private static final String TOKEN = "0123456789abcdef";

    private static TestRelay relay(Consumer<AdminOptions.Builder> admin) {
        return new TestRelay(
                null, options -> options.admin(admin.andThen(a -> a.page("/metrics", "text/plain", () -> "up 1\n"))));
    }

    private static TestVisitor.Answer ask(TestRelay relay, String path, String fields) throws Exception {
        try (TestVisitor visitor =
                new TestVisitor(relay.edge.adminUri().orElseThrow().getPort())) {
            return visitor.ask("GET " + path + " HTTP/1.1\r\n" + fields + "\r\n");
        }
    }

    @Test
    void isOffUnlessAskedFor() {
        try (TestRelay relay = new TestRelay(null)) {
            assertThat(relay.edge.adminUri()).isEmpty();
        }
    }

    @Test
    void showsHealthAndPagesAndNothingElse() throws Exception {
        try (TestRelay relay = relay(a -> {})) {
            assertThat(relay.edge.adminUri().orElseThrow()).hasScheme("http").hasHost("127.0.0.1");
            assertThat(ask(relay, "/healthz", "Host: 127.0.0.1\r\n").status()).isEqualTo(200);
            TestVisitor.Answer ready = ask(relay, "/readyz", "Host: localhost\r\n");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.body()).isEqualTo("ready\n");
            TestVisitor.Answer metrics = ask(relay, "/metrics", "Host: 127.0.0.1:9\r\n");
            assertThat(metrics.body()).isEqualTo("up 1\n");
            assertThat(metrics.field("Content-Type")).isEqualTo("text/plain");
            assertThat(metrics.field("Cache-Control")).isEqualTo("no-store");
            assertThat(ask(relay, "/", "Host: [::1]\r\n").body()).isEqualTo("/healthz\n/readyz\n/metrics\n");
            assertThat(ask(relay, "/metrics/..;/x", "Host: 127.0.0.1\r\n").status())
                    .isGreaterThanOrEqualTo(400);
            assertThat(ask(relay, "/nothing", "Host: 127.0.0.1\r\n").status()).isEqualTo(404);
            try (TestVisitor visitor =
                    new TestVisitor(relay.edge.adminUri().orElseThrow().getPort())) {
                assertThat(visitor.ask("DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                .status())
                        .isEqualTo(405);
            }
            try (TestVisitor visitor = relay.visit()) { // visitors of the edge see none of it
                assertThat(visitor.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                .status())
                        .isEqualTo(404);
            }
        }
    }

    @Test
    void isNotReadyWhileItDrainsButHealthy() throws Exception {
        TestRelay relay = relay(a -> {});
        try (relay) {
            CompletableFuture<Void> draining =
                    CompletableFuture.runAsync(() -> relay.edge.drain(java.time.Duration.ZERO));
            await().untilAsserted(() -> assertThat(
                            ask(relay, "/readyz", "Host: localhost\r\n").status())
                    .isEqualTo(503));
            assertThat(ask(relay, "/healthz", "Host: localhost\r\n").status()).isEqualTo(200);
            draining.join();
        }
        int port = relay.edge.adminUri().orElseThrow().getPort();
        assertThatThrownBy(() -> new TestVisitor(port)).isInstanceOf(java.io.IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: rebound.test\r\n", "Host: localhost.test\r\n", "Host: 127.0.0.1.test\r\n"})
    void answersNoNameThatAnotherSiteMayHaveMadeItsOwn(String fields) throws Exception {
        try (TestRelay relay = relay(a -> {})) {
            TestVisitor.Answer answer = ask(relay, "/metrics", fields);
            assertThat(answer.status()).isEqualTo(421);
            assertThat(answer.body()).doesNotContain("up", ".test");
        }
    }

    @Test
    void answersNoPageOfAnotherSite() throws Exception {
        try (TestRelay relay = relay(a -> {})) {
            assertThat(ask(relay, "/metrics", "Host: localhost:1\r\nOrigin: http://evil.test\r\n")
                            .status())
                    .isEqualTo(403);
            assertThat(ask(relay, "/metrics", "Host: localhost:1\r\nOrigin: null\r\n")
                            .status())
                    .isEqualTo(403);
            assertThat(ask(relay, "/metrics", "Host: localhost:1\r\nOrigin: http://localhost:1\r\n")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void asksForItsTokenWhereItHasOne() throws Exception {
        try (TestRelay relay = relay(a -> a.token(TOKEN))) {
            assertThat(ask(relay, "/healthz", "Host: any.test\r\n").status()).isEqualTo(200);
            TestVisitor.Answer asked = ask(relay, "/metrics", "Host: any.test\r\n");
            assertThat(asked.status()).isEqualTo(401);
            assertThat(asked.field("WWW-Authenticate")).startsWith("Basic ");
            assertThat(with(relay, "Bearer " + TOKEN)).isEqualTo(200);
            assertThat(with(relay, "bearer " + TOKEN)).isEqualTo(200);
            assertThat(with(relay, basic("anyone:" + TOKEN))).isEqualTo(200);
            assertThat(with(relay, basic("anyone:" + TOKEN + "x"))).isEqualTo(401);
            assertThat(with(relay, "Bearer " + TOKEN.substring(1))).isEqualTo(401);
            assertThat(with(relay, "Basic !!!")).isEqualTo(401);
            assertThat(with(relay, "Bearer")).isEqualTo(401);
        }
    }

    private static int with(TestRelay relay, String authorization) throws Exception {
        return ask(relay, "/metrics", "Host: any.test\r\nAuthorization: " + authorization + "\r\n")
                .status();
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void doesNotListenBeyondLoopbackWithoutAToken() {
        assertThatThrownBy(() ->
                        TunnelRelay.builder().admin(a -> a.bind("0.0.0.0")).options())
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION))
                .hasMessageContaining("--admin-token-file");
        assertThatThrownBy(() -> TunnelRelay.builder().admin(a -> a.token("short")))
                .isInstanceOf(IllegalArgumentException.class);
        TunnelRelay.builder().admin(a -> a.bind("0.0.0.0").token(TOKEN)).options();
    }

    @Test
    void aPortInUseStopsTheWholeStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> relay(a -> a.port(port)))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BIND_FAILED))
                    .hasMessageContaining("admin port")
                    .hasMessageContaining(String.valueOf(port));
        }
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("culvert-admin")));
    }

    @Test
    void aPageThatFailsIsA500AndNoMore() throws Exception {
        try (TestRelay relay = relay(a -> a.page("/broken", "text/plain", () -> {
            throw new IllegalStateException("secret");
        }))) {
            TestVisitor.Answer answer = ask(relay, "/broken", "Host: localhost\r\n");
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).doesNotContain("secret");
        }
    }
}
