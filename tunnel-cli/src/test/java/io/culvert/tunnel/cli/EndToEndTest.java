package io.culvert.tunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.cli.terminal.Size;
import io.culvert.tunnel.cli.terminal.Terminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as the README has them, inside this process, on real sockets. */
class EndToEndTest {
    private static final Map<String, String> GOOD_TOKEN = Map.of("TUNNEL_TOKEN", "good-token");

    @TempDir
    Path directory;

    private HttpServer service;
    private String servicePort;
    private Path tokens;
    private final TestShell relay = new TestShell();
    private CompletableFuture<Integer> relayExit = CompletableFuture.completedFuture(0);

    @BeforeEach
    void start() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            byte[] answer = ("asked " + exchange.getRequestHeaders().getFirst("Host") + exchange.getRequestURI())
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        service.start();
        servicePort = String.valueOf(service.getAddress().getPort());
        tokens = Files.writeString(directory.resolve("tokens"), "# agents\ngood-token\n");
    }

    @AfterEach
    void stop() throws Exception {
        relay.stop().request();
        assertThat(relayExit.get(30, TimeUnit.SECONDS)).isZero();
        service.stop(0);
    }

    private URI startRelay(int port, String... more) {
        List<String> line = new ArrayList<>(List.of("relay", "--bind", "127.0.0.1", "--port", String.valueOf(port)));
        line.addAll(List.of("--domain", "example.test", "--token-file", tokens.toString()));
        line.addAll(List.of(more));
        relayExit = relay.start(line.toArray(String[]::new));
        return URI.create(firstLine(relay, relayExit));
    }

    private static String firstLine(TestShell shell, CompletableFuture<Integer> exit) {
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || shell.out().contains("\n"));
        assertThat(exit.isDone()).as(shell.err()).isFalse();
        return shell.out().strip();
    }

    /** Asks with a Host of our own, which the JDK's client does not allow. */
    private static String get(int port, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(30_000);
            String request = "GET /path?q=1 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control", "control,tcp"})
    void makesAServiceReachable(String transport) throws Exception {
        URI address = startRelay(0);
        TestShell agent = new TestShell(GOOD_TOKEN);
        CompletableFuture<Integer> exit = agent.start(
                "expose", servicePort, "--relay", address.toString(), "--name", "demo", "--transport", transport);
        assertThat(firstLine(agent, exit)).isEqualTo("http://demo.example.test:" + address.getPort());

        assertThat(get(address.getPort(), "demo.example.test"))
                .startsWith("HTTP/1.1 200")
                .endsWith("asked demo.example.test/path?q=1");

        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(agent.out()).as("nothing but the URL").hasLineCount(1);
        await().atMost(30, TimeUnit.SECONDS) // the relay hears of it by message
                .untilAsserted(() ->
                        assertThat(get(address.getPort(), "demo.example.test")).startsWith("HTTP/1.1 404"));
    }

    /** The service answers when the visitor has ended its direction. */
    @Test
    void answersVisitorsThatHalfCloseWhereThatIsWanted() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        service.createContext("/late", exchange -> {
            asked.countDown();
            try {
                ended.await();
            } catch (InterruptedException x) {
                throw new IOException(x);
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        URI address = startRelay(0, "--half-closing-visitors");
        TestShell agent = new TestShell(GOOD_TOKEN);
        CompletableFuture<Integer> exit =
                agent.start("expose", servicePort, "--relay", address.toString(), "--name", "demo");
        firstLine(agent, exit);
        try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
            visitor.setSoTimeout(30_000);
            visitor.getOutputStream()
                    .write("GET /late HTTP/1.1\r\nHost: demo.example.test\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            asked.await();
            visitor.shutdownOutput();
            ended.countDown();
            assertThat(new String(visitor.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 204");
        }
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void protectsWhatItExposes() throws Exception {
        URI address = startRelay(0);
        Path logins = Files.writeString(directory.resolve("logins"), "# visitors\nann:sesame\n");
        TestShell agent = new TestShell(Map.of("TUNNEL_TOKEN", "good-token", "TUNNEL_LOGIN", "bob:secret"));
        CompletableFuture<Integer> exit = agent.start(
                "expose",
                servicePort,
                "--relay",
                address.toString(),
                "--name",
                "demo",
                "--login-file",
                logins.toString(),
                "--deny",
                "192.0.2.0/24,2001:db8::/32",
                "--rate-per-visitor",
                "4/m");
        firstLine(agent, exit);
        String host = "demo.example.test";
        assertThat(get(address.getPort(), host)).startsWith("HTTP/1.1 401");
        for (String login : new String[] {"ann:sesame", "bob:secret"}) {
            String field = "\r\nAuthorization: Basic "
                    + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
            assertThat(get(address.getPort(), host + field)).startsWith("HTTP/1.1 200");
        }
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void severalServicesEachHaveTheirUrl() throws Exception {
        URI address = startRelay(0);
        TestShell agent = new TestShell(GOOD_TOKEN);
        CompletableFuture<Integer> exit = agent.start(
                "expose", "web=" + servicePort, "api=127.0.0.1:" + servicePort, "--relay", address.toString());
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || agent.out().lines().count() == 2);
        assertThat(agent.out().lines())
                .containsExactly(
                        "http://web.example.test:" + address.getPort(), "http://api.example.test:" + address.getPort());
        assertThat(get(address.getPort(), "api.example.test")).startsWith("HTTP/1.1 200");
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void aConfigurationFileSaysItAll() throws Exception {
        URI address = startRelay(0);
        Path config =
                Files.writeString(directory.resolve("culvert.yml"), """
                relay: %s
                token-file: tokens
                drain: 1
                tunnels:
                  - service: %s
                    name: web
                    transport: tcp
                  - service: %s
                    name: api
                    transport: control
                """.formatted(address, servicePort, servicePort));
        TestShell agent = new TestShell();
        CompletableFuture<Integer> exit = agent.start("expose", "--config", config.toString());
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || agent.out().lines().count() == 2);
        assertThat(agent.err()).isEmpty();
        assertThat(get(address.getPort(), "web.example.test")).startsWith("HTTP/1.1 200");
        assertThat(get(address.getPort(), "api.example.test")).startsWith("HTTP/1.1 200");
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void aScriptReadsWhatHappensLineByLine() throws Exception {
        URI address = startRelay(0);
        TestShell agent = new TestShell(GOOD_TOKEN);
        CompletableFuture<Integer> exit = agent.start(
                "expose", "web=" + servicePort, "off=" + freePort(), "--relay", address.toString(), "--json");
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || agent.out().contains("\"tunnel\":\"off\""));
        assertThat(get(address.getPort(), "web.example.test")).startsWith("HTTP/1.1 200");
        assertThat(get(address.getPort(), "off.example.test")).startsWith("HTTP/1.1 502");
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();

        List<JsonNode> events = new ArrayList<>();
        for (String line : agent.out().lines().toList()) {
            events.add(JsonMapper.builder().build().readTree(line));
        }
        assertThat(events.get(0).at("/event").asText()).isEqualTo("exposed");
        assertThat(events.get(0).at("/url").asText()).isEqualTo("http://web.example.test:" + address.getPort());
        assertThat(events.get(0).at("/service").asText()).isEqualTo("localhost:" + servicePort);
        assertThat(events).as("exposed says it already").noneSatisfy(event -> assertThat(event.toString())
                .contains("\"state\":\"open\""));
        assertThat(events)
                .anySatisfy(event -> assertThat(event.toString()).contains("stream-failed", "\"off\"", "local-refused"))
                .anySatisfy(
                        event -> assertThat(event.toString()).contains("\"stats\"", "\"web\"", "\"total_streams\":1"))
                .anySatisfy(event -> assertThat(event.toString())
                        .contains("\"request\"", "\"web\"", "\"GET\"", "/path?q=1", "\"status\":200", "\"complete\""))
                .anySatisfy(event -> assertThat(event.toString()).contains("\"state\"", "\"web\"", "\"closed\""));
    }

    @Test
    void aTerminalGetsALiveStatusAndIsGivenBack() throws Exception {
        URI address = startRelay(0);
        TestShell agent = new TestShell(GOOD_TOKEN, new Terminal() {
            @Override
            public boolean isThere() {
                return true;
            }

            @Override
            public boolean takesErrors() {
                return false;
            }

            @Override
            public Size size() {
                return new Size(80, 40);
            }
        });
        CompletableFuture<Integer> exit =
                agent.start("expose", "web=" + servicePort, "--relay", address.toString(), "--qr");
        String url = "http://web.example.test:" + address.getPort();
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || agent.out().contains(url));
        assertThat(get(address.getPort(), "web.example.test")).startsWith("HTTP/1.1 200");
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> exit.isDone() || agent.out().contains("GET /path?q=1"));
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(agent.out())
                .startsWith("\u001b[?1049h")
                .contains("\u001b[?25h\u001b[?1049l" + url + "  1 streams, up ");
    }

    @Test
    void oneTunnelThatIsRefusedEndsThemAll() throws IOException {
        Files.writeString(tokens, "good-token web");
        URI address = startRelay(0);
        TestShell agent = new TestShell(GOOD_TOKEN);
        assertThat(agent.run("expose", "web=" + servicePort, "api=" + servicePort, "--relay", address.toString()))
                .isEqualTo(3);
        assertThat(agent.err()).contains("refused, name-forbidden");
        assertThat(agent.out()).isEmpty();
    }

    @Test
    void aTokenFileServesTheAgentToo() throws Exception {
        URI address = startRelay(0);
        TestShell agent = new TestShell(Map.of("TUNNEL_RELAY", address.toString()));
        CompletableFuture<Integer> exit =
                agent.start("expose", servicePort, "--name", "demo", "--token-file", tokens.toString());
        assertThat(firstLine(agent, exit)).startsWith("http://demo.example.test");
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bad-token"})
    void aRefusalEndsTheAgent(String token) {
        URI address = startRelay(0);
        TestShell agent = new TestShell(Map.of("TUNNEL_TOKEN", token));
        assertThat(agent.run("expose", servicePort, "--relay", address.toString()))
                .isEqualTo(3);
        assertThat(agent.out()).isEmpty();
        assertThat(agent.err()).contains("refused, unauthorized", "token").doesNotContain("bad-token");
    }

    @Test
    void keepsTryingUntilTheRelayIsThere() throws Exception {
        int port = freePort();
        TestShell agent = new TestShell(GOOD_TOKEN);
        CompletableFuture<Integer> exit = agent.start("expose", servicePort, "--relay", "ws://127.0.0.1:" + port);
        startRelay(port);
        assertThat(firstLine(agent, exit)).startsWith("http://");
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void canBeToldToEndWhileTheRelayIsAway() throws Exception {
        TestShell agent = new TestShell();
        CompletableFuture<Integer> exit = agent.start("expose", servicePort, "--relay", "ws://127.0.0.1:" + freePort());
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(agent.out()).isEmpty();
    }

    @Test
    void withoutADomainEachTunnelHasAPort() throws Exception {
        relayExit = relay.start("relay", "--port", "0", "--domain", "");
        URI address = URI.create(firstLine(relay, relayExit));
        TestShell agent = new TestShell();
        CompletableFuture<Integer> exit = agent.start("expose", servicePort, "--relay", address.toString());
        URI url = URI.create(firstLine(agent, exit));
        assertThat(url.getHost()).isEqualTo("127.0.0.1");
        assertThat(url.getPort()).isNotEqualTo(address.getPort());
        assertThat(get(url.getPort(), "127.0.0.1:" + url.getPort())).startsWith("HTTP/1.1 200");
        agent.stop().request();
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void aPortInUseIsAFailure() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestShell second = new TestShell();
            assertThat(second.run("relay", "--port", String.valueOf(taken.getLocalPort())))
                    .isEqualTo(1);
            assertThat(second.err()).contains(String.valueOf(taken.getLocalPort()), "bind-failed");
        }
    }

    @Test
    void aRelayOpenToTheNetworkNeedsTokens() {
        TestShell open = new TestShell();
        assertThat(open.run("relay", "--bind", "0.0.0.0", "--port", "0")).isEqualTo(2);
        assertThat(open.err()).contains("--token-file");
    }

    @Test
    void theDemoPassesItsOwnChecks() {
        TestShell demo = new TestShell();
        assertThat(demo.run("demo", "--once")).as(() -> demo.out() + demo.err()).isZero();
        assertThat(demo.out()).contains("public      http://127.0.0.1:").doesNotContain("FAILED");
        assertThat(demo.out().lines().filter(line -> line.startsWith("tcp ") && line.contains("ok: ")))
                .hasSize(5);
        assertThat(demo.out().lines().filter(line -> line.startsWith("control ") && line.contains("ok: ")))
                .hasSize(5);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
