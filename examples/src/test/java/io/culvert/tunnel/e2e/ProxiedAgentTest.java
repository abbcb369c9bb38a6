package io.culvert.tunnel.e2e;

import static io.culvert.tunnel.e2e.UpgradingOrigin.readHead;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProxiedAgentTest {
    /** {@code user:secret} */
    private static final String BASIC = "Basic dXNlcjpzZWNyZXQ=";

    /** A name that only the proxy can look up. */
    private static final String HOST = "localhost.relay.test";

    @TempDir
    static Path directory;

    private static TunnelAgent.Builder agent(URI relay, URI proxy, String... transports) {
        return TunnelAgent.builder()
                .relay(relay)
                .proxy(proxy)
                .transports(transports)
                .connectTimeout(Duration.ofSeconds(4))
                .drainTimeout(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void bothKindsOfConnectionsGoThroughTheProxy(String transport) throws Exception {
        try (TunnelRelay relay = TunnelRelay.builder().start()) {
            URI address = URI.create("ws://localhost:" + relay.port());
            carries(relay, agent(address, URI.create("http://127.0.0.1:1"), transport), "localhost", transport);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "control"})
    void tlsGoesOnBehindTheProxyWithTheRelaysName(String transport) throws Exception {
        TestCertificate certificate = TestCertificate.of(directory, "relay-" + transport, "DNS:" + HOST);
        TlsKeys keys = TlsKeys.pkcs12(certificate.store(), TestCertificate.PASSWORD);
        try (TunnelRelay relay = TunnelRelay.builder()
                .tls(keys)
                .publicUrl(URI.create("https://" + HOST))
                .start()) {
            URI address = URI.create("wss://" + HOST + ":" + relay.port());
            TunnelAgent.Builder agent =
                    agent(address, URI.create("http://127.0.0.1:1"), transport).trust(certificate.chain());
            carries(relay, agent, HOST, transport, certificate);
        }
    }

    private static void carries(
            TunnelRelay relay, TunnelAgent.Builder builder, String host, String transport, TestCertificate... tls)
            throws Exception {
        try (UpgradingOrigin origin = new UpgradingOrigin();
                ConnectProxy proxy = new ConnectProxy(0, BASIC);
                TunnelAgent agent = builder.proxy(proxy.address("user:secret@")).build();
                Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()))) {
            URI url = tunnel.publicUrl();
            String request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + url.getPort() + "\r\n\r\n";
            if (tls.length > 0) {
                try (TlsVisitor visitor = new TlsVisitor(tls[0].context(), url)) {
                    UpgradingOrigin.write(visitor.tls, request);
                    assertThat(readHead(visitor.tls.getInputStream())).startsWith("HTTP/1.1 200 ");
                }
            } else {
                try (java.net.Socket visitor = new java.net.Socket("127.0.0.1", url.getPort())) {
                    UpgradingOrigin.write(visitor, request);
                    assertThat(readHead(visitor.getInputStream())).startsWith("HTTP/1.1 200 ");
                }
            }
            assertThat(proxy.targets).containsOnly(host + ":" + relay.port());
            // The control channel, and connections dialled ahead.
            assertThat(proxy.targets.size())
                    .isBetween(transport.equals("tcp") ? 2 : 1, transport.equals("tcp") ? 20 : 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 407, 502})
    void aProxyThatRefusesIsNamedWithItsAnswer(int status) throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(status);
                TunnelAgent agent =
                        agent(URI.create("wss://" + HOST), proxy.address("")).build()) {
            assertThat(failure(agent))
                    .hasMessageContaining(
                            "The proxy at 127.0.0.1:" + proxy.address("").getPort() + " answered " + status)
                    .hasMessageContaining(HOST);
        }
    }

    @Test
    void aProxyThatIsNotThereIsNamedWithoutItsPassword() throws Exception {
        URI gone;
        try (ConnectProxy proxy = new ConnectProxy(0)) {
            gone = proxy.address("user:secret@");
        }
        try (TunnelAgent agent = agent(URI.create("ws://" + HOST), gone).build()) {
            assertThat(failure(agent).getMessage())
                    .contains("The proxy at 127.0.0.1:" + gone.getPort())
                    .doesNotContain("secret");
        }
    }

    private static TunnelException failure(TunnelAgent agent) {
        TunnelException x = catchThrowableOfType(TunnelException.class, () -> agent.expose(TunnelSpec.port(1)));
        assertThat(x.error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
        return x;
    }
}
