package io.culvert.tunnel.e2e;

import static io.culvert.tunnel.e2e.UpgradingOrigin.read;
import static io.culvert.tunnel.e2e.UpgradingOrigin.readHead;
import static io.culvert.tunnel.e2e.UpgradingOrigin.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TlsTest {
    @TempDir
    static Path directory;

    private static TestCertificate certificate;

    @BeforeAll
    static void issue() throws Exception {
        certificate = TestCertificate.of(directory, "relay", "DNS:localhost,IP:127.0.0.1");
    }

    private static TunnelRelay relay(TestCertificate proof) {
        return TunnelRelay.builder()
                .tls(TlsKeys.pem(proof.chain(), proof.key()))
                .drainTimeout(Duration.ZERO)
                .start();
    }

    private static TunnelAgent agent(URI relay, TestCertificate trusted, String... transports) {
        return TunnelAgent.builder()
                .relay(relay)
                .trust(trusted.chain())
                .transports(transports)
                .connectTimeout(Duration.ofSeconds(4))
                .drainTimeout(Duration.ZERO)
                .build();
    }

    @FunctionalInterface
    private interface Scene {
        void play(UpgradingOrigin origin, URI url) throws Exception;
    }

    private static void withTunnel(String transport, Scene scene) throws Exception {
        try (UpgradingOrigin origin = new UpgradingOrigin();
                TunnelRelay relay = relay(certificate);
                TunnelAgent agent = agent(relay.uri(), certificate, transport);
                Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()))) {
            assertThat(relay.uri().getScheme()).isEqualTo("wss");
            assertThat(tunnel.publicUrl().getScheme()).isEqualTo("https");
            scene.play(origin, tunnel.publicUrl());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void requestsAreCarriedAndSayThatTheyWereSecure(String transport) throws Exception {
        withTunnel(transport, (origin, url) -> {
            try (TlsVisitor visitor = new TlsVisitor(certificate.context(), url)) {
                assertThat(visitor.get(url)).startsWith("HTTP/1.1 200 ");
                assertThat(readHead(visitor.tls.getInputStream())).contains("X-Forwarded-Proto: https\r\n");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void visitorsMayUseAnOlderTls(String protocol) throws Exception {
        withTunnel("tcp", (origin, url) -> {
            try (TlsVisitor visitor = new TlsVisitor(certificate.context(), url, protocol)) {
                assertThat(visitor.get(url)).startsWith("HTTP/1.1 200 ");
                assertThat(visitor.tls.getSession().getProtocol()).isEqualTo(protocol);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void upgradedConnectionsEndOneDirectionAtATime(String transport) throws Exception {
        withTunnel(transport, (origin, url) -> {
            try (TlsVisitor visitor = new TlsVisitor(certificate.context(), url).upgrade(url);
                    Socket service = origin.upgraded()) {
                write(visitor.tls, "ping");
                assertThat(read(service, 4)).isEqualTo("ping");
                visitor.tls.shutdownOutput();
                assertThat(service.getInputStream().read()).isEqualTo(-1);
                String late = "late".repeat(50_000);
                write(service, late);
                assertThat(read(visitor.tls, late.length())).isEqualTo(late);
                service.shutdownOutput();
                assertThat(visitor.tls.getInputStream().read()).isEqualTo(-1);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void aResetOfTheServiceIsNoEndForTheVisitor(String transport) throws Exception {
        withTunnel(transport, (origin, url) -> {
            try (TlsVisitor visitor = new TlsVisitor(certificate.context(), url).upgrade(url)) {
                Socket service = origin.upgraded();
                service.setSoLinger(true, 0);
                service.close();
                assertThatThrownBy(() -> visitor.tls.getInputStream().read()).isInstanceOf(IOException.class);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void aResetOfTheVisitorIsNoEndForTheService(String transport) throws Exception {
        withTunnel(transport, (origin, url) -> {
            try (TlsVisitor visitor = new TlsVisitor(certificate.context(), url).upgrade(url);
                    Socket service = origin.upgraded()) {
                visitor.tcp.setSoLinger(true, 0);
                visitor.tcp.close();
                assertThatThrownBy(() -> service.getInputStream().read()).hasMessageContaining("reset");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void aConnectionCutBelowTlsIsNoEnd(String transport) throws Exception {
        withTunnel(transport, (origin, url) -> {
            try (TlsVisitor visitor = new TlsVisitor(certificate.context(), url).upgrade(url);
                    Socket service = origin.upgraded()) {
                visitor.tcp.shutdownOutput();
                assertThatThrownBy(() -> service.getInputStream().read()).hasMessageContaining("reset");
            }
        });
    }

    @Test
    void anAgentSaysThatItDoesNotTrustTheRelay() throws Exception {
        TestCertificate other = TestCertificate.of(directory, "other", "DNS:localhost,IP:127.0.0.1");
        try (TunnelRelay relay = relay(certificate);
                TunnelAgent agent = agent(relay.uri(), other)) {
            assertThat(distrust(agent)).hasMessageContaining("its certificate is not trusted");
            assertThat(distrust(agent)).as("no second dial").hasMessageContaining("its certificate is not trusted");
        }
    }

    @Test
    void dataConnectionsCheckTheRelayAsWell() throws Exception {
        try (TunnelRelay relay = relay(certificate);
                JettyAgentNetwork network = new JettyAgentNetwork()) {
            CompletableFuture<EndPointStream> dial =
                    network.upgrade(relay.uri(), "/_ws_proxy/1", "culvert", HttpFields.EMPTY, "1");
            assertThatThrownBy(() -> dial.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(StreamException.class)
                    .hasMessageContaining("its certificate is not trusted");
        }
    }

    @Test
    void anAgentSaysThatTheCertificateIsForAnotherHost() throws Exception {
        TestCertificate elsewhere = TestCertificate.of(directory, "elsewhere", "DNS:relay.test");
        try (TunnelRelay relay = relay(elsewhere);
                TunnelAgent agent = agent(relay.uri(), elsewhere)) {
            assertThat(distrust(agent)).hasMessageContaining("its certificate is for another host");
        }
    }

    @Test
    void anAgentWithoutTlsIsToldToUseIt() throws Exception {
        try (TunnelRelay relay = relay(certificate);
                TunnelAgent agent = agent(URI.create("ws://127.0.0.1:" + relay.port()), certificate)) {
            assertThat(failure(agent)).hasMessageContaining("wss://");
        }
    }

    @Test
    void anAgentWithTlsIsToldThatTheRelayHasNone() throws Exception {
        try (TunnelRelay relay = TunnelRelay.builder().start();
                TunnelAgent agent = agent(URI.create("wss://127.0.0.1:" + relay.port()), certificate)) {
            assertThat(failure(agent)).hasMessageContaining("does not speak TLS");
        }
    }

    private static TunnelException failure(TunnelAgent agent) {
        return failure(agent, TunnelError.RELAY_UNREACHABLE);
    }

    /** At the first attempt there is nothing to wait for. */
    private static TunnelException distrust(TunnelAgent agent) {
        return failure(agent, TunnelError.RELAY_UNTRUSTED);
    }

    private static TunnelException failure(TunnelAgent agent, TunnelError error) {
        TunnelException x = catchThrowableOfType(TunnelException.class, () -> agent.expose(TunnelSpec.port(1)));
        assertThat(x.error()).isEqualTo(error);
        return x;
    }

    @Test
    void aNewCertificateIsTakenUpAndABrokenOneLeftAlone() throws Exception {
        TestCertificate current = TestCertificate.of(directory, "current", "IP:127.0.0.1");
        TestCertificate renewed = TestCertificate.of(directory, "renewed", "IP:127.0.0.1");
        X509Certificate before = current.certificate();
        try (UpgradingOrigin origin = new UpgradingOrigin();
                TunnelRelay relay = relay(current);
                TunnelAgent agent = agent(relay.uri(), current);
                Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()))) {
            URI url = tunnel.publicUrl();
            try (TlsVisitor early = new TlsVisitor(current.context(), url)) {
                assertThat(early.certificate()).isEqualTo(before);
                renewed.replace(current);
                await().ignoreExceptions().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                    try (TlsVisitor visitor = new TlsVisitor(renewed.context(), url)) {
                        assertThat(visitor.certificate()).isEqualTo(renewed.certificate());
                        assertThat(visitor.get(url)).startsWith("HTTP/1.1 200 ");
                    }
                });
                assertThat(early.get(url)).startsWith("HTTP/1.1 200 ");
            }
            Files.writeString(current.chain(), "nothing of use");
            await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                try (TlsVisitor visitor = new TlsVisitor(renewed.context(), url)) {
                    assertThat(visitor.certificate()).isEqualTo(renewed.certificate());
                }
            });
        }
    }
}
