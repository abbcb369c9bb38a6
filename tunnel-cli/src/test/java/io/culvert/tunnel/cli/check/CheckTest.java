package io.culvert.tunnel.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.cli.TestShell;
import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against whatever may be behind an address, on real sockets. */
class CheckTest {
    @TempDir
    Path directory;

    private final TestShell shell = new TestShell(Map.of("TUNNEL_TOKEN", "good-token"));

    private TunnelRelay.Builder relay(String... tokens) throws IOException {
        return TunnelRelay.builder()
                .domain("example.test")
                .authenticator(Authenticator.tokens(Files.write(directory.resolve("tokens"), List.of(tokens))));
    }

    private int check(Object relay, String... more) {
        List<String> line = new ArrayList<>(List.of("check", "--relay", relay.toString()));
        line.addAll(List.of(more));
        return shell.run(line.toArray(String[]::new));
    }

    @Test
    void aGoodRelayWorksByBothTransports() throws Exception {
        try (TunnelRelay relay = relay("good-token").start()) {
            assertThat(check(relay.uri(), "--json")).as(shell::out).isZero();
        }
        JsonNode answer = JsonMapper.builder().build().readTree(shell.out());
        assertThat(answer.at("/ok").asBoolean()).isTrue();
        assertThat(answer.at("/transports").toString()).isEqualTo("[\"tcp\",\"control\"]");
        assertThat(answer.at("/round_trip_ms").asDouble()).isPositive();
        assertThat(answer.at("/steps").findValuesAsText("step"))
                .containsExactly("connect", "relay", "token", "public url", "stream tcp", "stream control");
        assertThat(shell.out()).contains("DNS entry for *.example.test").doesNotContain("good-token");
    }

    @Test
    void aTransportThatTheRelayDoesNotHaveIsToldApart() throws Exception {
        try (TunnelRelay relay = relay("good-token").transports("control").start()) {
            assertThat(check(relay.uri())).isZero();
            assertThat(shell.out()).contains("FAILED stream tcp", "ok     stream control", "only by control");
            assertThat(check(relay.uri(), "--transport", "tcp")).isEqualTo(3);
        }
    }

    @Test
    void aWrongTokenIsRefusedAndNotPrinted() throws Exception {
        try (TunnelRelay relay = relay("another-token").start()) {
            assertThat(check(relay.uri())).isEqualTo(3);
        }
        assertThat(shell.out())
                .contains("ok     relay", "FAILED token          the token of TUNNEL_TOKEN", "-      stream tcp")
                .doesNotContain("good-token");
    }

    @Test
    void doesNotTakeTheNameOfARunningAgentUnlessAsked() throws Exception {
        try (TunnelRelay relay = relay("good-token shop").start();
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri())
                        .token("good-token")
                        .build();
                Tunnel shop = agent.expose(
                        TunnelSpec.builder(relay.port()).name("shop").build())) {
            assertThat(check(relay.uri())).isZero();
            assertThat(shell.out()).contains("ok     token", "look   name", "--name NAME", "no more was tried");
            assertThat(shop.state()).isEqualTo(TunnelState.OPEN);

            assertThat(check(relay.uri(), "--name", "shop", "--transport", "tcp"))
                    .isZero();
            assertThat(check(relay.uri(), "--name", "other")).isEqualTo(3);
            assertThat(shell.out()).contains("FAILED name");
        }
    }

    @Test
    void aClosedPortIsTold() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThat(check("ws://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(shell.out()).contains("FAILED connect", "Is the relay running", "-      relay");
    }

    @Test
    void aWebServerIsNoRelay() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        try {
            assertThat(check("ws://127.0.0.1:" + server.getAddress().getPort())).isEqualTo(1);
        } finally {
            server.stop(0);
        }
        assertThat(shell.out()).contains("FAILED relay", "not a relay: 404");
    }

    @Test
    void tlsIsCheckedAsAnAgentDoes() throws Exception {
        Path keys = directory.resolve("keys.p12");
        Path certificate = directory.resolve("relay.pem");
        keytool(
                "-genkeypair",
                "-keystore",
                keys,
                "-alias",
                "r",
                "-keyalg",
                "EC",
                "-dname",
                "CN=relay",
                "-validity",
                "90",
                "-ext",
                "san=ip:127.0.0.1");
        keytool("-exportcert", "-rfc", "-keystore", keys, "-alias", "r", "-file", certificate);
        try (TunnelRelay relay =
                relay("good-token").tls(TlsKeys.pkcs12(keys, "password")).start()) {
            assertThat(check(relay.uri())).isEqualTo(1);
            assertThat(shell.out()).contains("FAILED tls", "its certificate is not trusted", "--trust ca.pem");
            assertThat(check(relay.uri(), "--trust", certificate.toString())).isZero();
            assertThat(shell.out()).contains("ok     tls            TLSv1.3");
            String other = relay.uri().toString().replace("127.0.0.1", "localhost");
            assertThat(check(other, "--trust", certificate.toString())).isEqualTo(1);
            assertThat(shell.out()).contains("its certificate is for another host");
        }
    }

    private static void keytool(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        List.of(arguments).forEach(argument -> command.add(argument.toString()));
        command.addAll(List.of("-storepass", "password"));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void aHostWithoutAddressIsTold() {
        assertThat(check("wss://nowhere.invalid")).isEqualTo(1);
        assertThat(shell.out()).contains("FAILED dns", "nowhere.invalid");
    }

    @Test
    void aProxyThatWantsAPasswordIsTold() throws Exception {
        List<Finding> told = new ArrayList<>();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> {
                try (Socket proxy = listener.accept()) {
                    byte[] request = proxy.getInputStream().readNBytes("CONNECT relay.test:443".length());
                    proxy.getOutputStream()
                            .write("HTTP/1.1 407 No\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    return new String(request, StandardCharsets.US_ASCII);
                } catch (IOException x) {
                    throw new java.io.UncheckedIOException(x);
                }
            });
            RelayRoute.Proxy proxy = new RelayRoute.Proxy("proxy.test", 3128, Optional.empty());
            assertThat(new ProxyStep(proxy, told::add).connect(socket, "relay.test", 443))
                    .isEmpty();
            assertThat(asked.join()).isEqualTo("CONNECT relay.test:443");
        }
        assertThat(told).singleElement().satisfies(finding -> {
            assertThat(finding.what()).isEqualTo("proxy.test:3128 answered 407 to CONNECT relay.test:443");
            assertThat(finding.advice()).get().asString().contains("user:password@proxy.test:3128");
        });
    }

    @Test
    void theProxyThatTheOptionNamesIsAsked() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try (Socket asked = proxy.accept()) {
                    asked.getOutputStream()
                            .write("HTTP/1.1 403 No\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    asked.getInputStream().readAllBytes();
                } catch (IOException x) {
                    throw new java.io.UncheckedIOException(x);
                }
            });
            String address = "127.0.0.1:" + proxy.getLocalPort();
            assertThat(check("ws://relay.test:8080", "--proxy", "http://" + address))
                    .isEqualTo(1);
            assertThat(shell.out()).contains(address + " answered 403 to CONNECT relay.test:8080");
            answered.join();
        }
    }

    @Test
    void withoutARelayItIsWrongUsage() {
        assertThat(new TestShell().run("check")).isEqualTo(2);
    }
}
