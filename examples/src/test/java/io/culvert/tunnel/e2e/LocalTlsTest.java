package io.culvert.tunnel.e2e;

import static io.culvert.tunnel.e2e.UpgradingOrigin.read;
import static io.culvert.tunnel.e2e.UpgradingOrigin.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LocalTlsTest {
    @TempDir
    static Path directory;

    private static TestCertificate certificate;
    private static UpgradingOrigin origin;

    @BeforeAll
    static void listen() throws Exception {
        certificate = TestCertificate.of(directory, "service", "DNS:localhost");
        origin = new UpgradingOrigin(certificate.context().getServerSocketFactory());
    }

    @AfterAll
    static void close() throws IOException {
        origin.close();
    }

    @FunctionalInterface
    private interface Scene {
        void play(URI url) throws Exception;
    }

    private static void withTunnel(String transport, TunnelSpec spec, Scene scene) throws Exception {
        try (TunnelRelay relay =
                        TunnelRelay.builder().drainTimeout(Duration.ZERO).start();
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri())
                        .transports(transport)
                        .drainTimeout(Duration.ZERO)
                        .build();
                Tunnel tunnel = agent.expose(spec)) {
            scene.play(tunnel.publicUrl());
        }
    }

    private static TunnelSpec spec(String host, LocalTls tls) {
        return TunnelSpec.builder(origin.port()).localHost(host).localTls(tls).build();
    }

    private static HttpResponse<String> get(URI url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void aServiceIsTrustedByItsOwnCertificate(String transport) throws Exception {
        LocalTls tls = LocalTls.trusting(certificate.chain());
        withTunnel(transport, spec("localhost", tls), url -> {
            assertThat(get(url).statusCode()).isEqualTo(200);
            assertThat(get(url).body()).contains("X-Forwarded-Proto: http\r\n");
        });
    }

    @Test
    void anyServiceWillDoWhereTheApplicationSaysSo() throws Exception {
        withTunnel("tcp", spec("127.0.0.1", LocalTls.insecure()), url -> assertThat(get(url).statusCode())
                .isEqualTo(200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void aServiceThatNobodyVouchesForIsRefused(String transport) throws Exception {
        withTunnel(transport, spec("localhost", LocalTls.verified()), LocalTlsTest::assertRefused);
    }

    @Test
    void aServiceWithACertificateForAnotherHostIsRefused() throws Exception {
        LocalTls tls = LocalTls.trusting(certificate.chain());
        withTunnel("tcp", spec("127.0.0.1", tls), LocalTlsTest::assertRefused);
    }

    @Test
    void aServiceWithoutTlsIsRefused() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            Thread serving = new Thread(() -> greet(plain), "plain-service");
            serving.setDaemon(true);
            serving.start();
            TunnelSpec spec = TunnelSpec.builder(plain.getLocalPort())
                    .localTls(LocalTls.insecure())
                    .build();
            withTunnel("tcp", spec, LocalTlsTest::assertRefused);
        }
    }

    private static void greet(ServerSocket plain) {
        try (Socket socket = plain.accept()) {
            write(socket, "HTTP/1.1 400 What?\r\n\r\n");
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException x) {
            return; // the agent has seen enough
        }
    }

    @Test
    void theAgentKnowsTheReason() throws Exception {
        LocalTls trusting = LocalTls.trusting(certificate.chain());
        assertThat(refusal("localhost", origin.port(), LocalTls.verified()))
                .contains("localhost:" + origin.port(), "its certificate is not trusted");
        assertThat(refusal("127.0.0.1", origin.port(), trusting)).contains("its certificate is for another host");
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            Thread serving = new Thread(() -> greet(plain), "plain-service");
            serving.setDaemon(true);
            serving.start();
            assertThat(refusal("127.0.0.1", plain.getLocalPort(), trusting)).contains("it does not speak TLS");
        }
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            assertThat(refusal("127.0.0.1", silent.getLocalPort(), trusting)).contains("Does it speak https?");
        }
    }

    private static String refusal(String host, int port, LocalTls tls) throws Exception {
        LocalTarget target = new LocalTarget(host, port, Optional.of(tls));
        try (JettyAgentNetwork network = new JettyAgentNetwork()) {
            network.dialLocal(target, Duration.ofSeconds(3)).get(20, TimeUnit.SECONDS);
        } catch (ExecutionException x) {
            return x.getCause().getMessage();
        }
        throw new AssertionError("nothing was wrong with " + target);
    }

    private static void assertRefused(URI url) throws Exception {
        HttpResponse<String> answer = get(url);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.headers().firstValue("Tunnel-Error")).contains("local-refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void upgradedConnectionsEndOneDirectionAtATime(String transport) throws Exception {
        LocalTls tls = LocalTls.trusting(certificate.chain());
        withTunnel(transport, spec("localhost", tls), url -> {
            try (Socket visitor = upgrade(url);
                    SSLSocket service = (SSLSocket) origin.upgraded()) {
                write(visitor, "ping");
                assertThat(read(service, 4)).isEqualTo("ping");
                visitor.shutdownOutput();
                assertThat(service.getInputStream().read()).isEqualTo(-1);
                String late = "late".repeat(50_000);
                write(service, late);
                assertThat(read(visitor, late.length())).isEqualTo(late);
                service.shutdownOutput();
                assertThat(visitor.getInputStream().read()).isEqualTo(-1);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void aResetOfTheVisitorIsNoEndForTheService(String transport) throws Exception {
        LocalTls tls = LocalTls.insecure();
        withTunnel(transport, spec("localhost", tls), url -> {
            try (Socket visitor = upgrade(url);
                    Socket service = origin.upgraded()) {
                visitor.setSoLinger(true, 0);
                visitor.close();
                assertThatThrownBy(() -> service.getInputStream().read()).isInstanceOf(IOException.class);
            }
        });
    }

    private static Socket upgrade(URI url) throws IOException {
        Socket socket = new Socket("127.0.0.1", url.getPort());
        socket.setSoTimeout(20_000);
        write(
                socket,
                "GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        assertThat(UpgradingOrigin.readHead(socket.getInputStream())).startsWith("HTTP/1.1 101 ");
        return socket;
    }
}
