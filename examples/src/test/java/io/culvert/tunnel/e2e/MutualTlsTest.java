package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TlsTrust;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Agents that prove who they are with a certificate. */
class MutualTlsTest {
    private static final AtomicInteger FILES = new AtomicInteger();

    @TempDir
    static Path directory;

    private static TestCertificate server;
    private static TestCertificate authority;
    private static TestCertificate otherAuthority;
    private static TestCertificate shop;
    private static TestCertificate nameOnly;
    private static TestCertificate expired;
    private static TestCertificate stranger;

    private final RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("in"));
    private TunnelRelay relay;

    @BeforeAll
    @Timeout(300) // a dozen processes, which a busy machine takes its time for
    static void issue() throws Exception {
        server = TestCertificate.of(directory, "server", "IP:127.0.0.1");
        authority = TestCertificate.authority(directory, "authority");
        otherAuthority = TestCertificate.authority(directory, "other-authority");
        shop = authority.issue("shop", "-validity 2 -ext SAN=DNS:Shop.agents.test,URI:spiffe://test/shop");
        nameOnly = authority.issue("name-only", "-validity 2");
        expired = authority.issue("expired", "-startdate -3d -validity 1 -ext SAN=DNS:shop.agents.test");
        stranger = otherAuthority.issue("stranger", "-validity 2 -ext SAN=DNS:shop.agents.test");
    }

    @AfterEach
    void stop() throws Exception {
        if (relay != null) {
            relay.close();
        }
        origin.close();
    }

    private void start(Consumer<TunnelRelay.Builder> options) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .tls(TlsKeys.pem(server.chain(), server.key()))
                .agentPort(0)
                .agentCertificates(TlsTrust.pem(authority.chain()))
                .domain("relay.test")
                .drainTimeout(Duration.ZERO);
        options.accept(builder);
        relay = builder.start();
    }

    private TunnelAgent.Builder agent() {
        return TunnelAgent.builder()
                .relay(relay.uri())
                .trust(server.chain())
                .connectTimeout(Duration.ofSeconds(30))
                .drainTimeout(Duration.ZERO);
    }

    private TunnelAgent.Builder agent(TestCertificate certificate) {
        return agent().certificate(TlsKeys.pem(certificate.chain(), certificate.key()));
    }

    private Tunnel expose(TunnelAgent agent, String name) {
        return agent.expose(TunnelSpec.builder(origin.port()).name(name).build());
    }

    private static Path tokens(String... lines) throws Exception {
        return Files.write(directory.resolve("tokens-" + FILES.incrementAndGet()), java.util.List.of(lines));
    }

    /** A visitor's request, over TLS and without a certificate. */
    private String visit(String name) throws Exception {
        try (TlsVisitor visitor = new TlsVisitor(server.context(), URI.create("https://127.0.0.1:" + relay.port()))) {
            return visitor.get(URI.create("https://" + name + ".relay.test:" + relay.port() + "/"));
        }
    }

    private void assertRefused(TunnelAgent.Builder builder, String... words) {
        try (TunnelAgent agent = builder.build()) {
            assertThatThrownBy(() -> expose(agent, "shop"))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.UNAUTHORIZED))
                    .hasMessageContainingAll(words);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP", "TCP_WITHOUT_SLOTS"})
    void theRightCertificateComesIn(TransportCase transport) throws Exception {
        start(transport::on);
        TunnelAgent.Builder builder = agent(shop);
        transport.on(builder);
        try (TunnelAgent agent = builder.build();
                Tunnel tunnel = expose(agent, "shop")) {
            assertThat(tunnel.publicUrl().getPort()).isEqualTo(relay.port());
            assertThat(visit("shop")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void noCertificateAWrongAuthorityAndAnExpiredOneAreRefused() {
        start(r -> {});
        assertRefused(agent(), "it asks agents for a certificate, and this one has none", "--cert and --key");
        assertRefused(agent(stranger), "it does not accept this agent's certificate", "--agent-ca");
        assertRefused(agent(expired), "it does not accept this agent's certificate", "expired");
    }

    @Test
    void namesAreTheCertificates() throws Exception {
        Path tokens = tokens("cert:shop.agents.test shop", "cert:name-only blog-*", "a-token other");
        start(r -> r.authenticator(Authenticator.tokens(tokens)));
        try (TunnelAgent agent = agent(shop).build();
                TunnelAgent blog = agent(nameOnly).build();
                Tunnel tunnel = expose(agent, "shop");
                Tunnel blogs = expose(blog, "blog-1")) {
            assertThat(visit("shop")).startsWith("HTTP/1.1 200 ");
            assertThatThrownBy(() -> expose(agent, "other"))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.NAME_FORBIDDEN));
            assertThatThrownBy(() -> expose(blog, "shop"))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.NAME_FORBIDDEN));
        }
    }

    /** Both count: a token that is sent has to be right, whatever certificate comes with it. */
    @Test
    void aWrongTokenIsNotMadeGoodByACertificate() throws Exception {
        Path tokens = tokens("cert:shop.agents.test shop", "a-token shop");
        start(r -> r.authenticator(Authenticator.tokens(tokens)));
        assertRefused(agent(shop).token("another"), "401");
        try (TunnelAgent agent = agent(nameOnly).token("a-token").build();
                Tunnel tunnel = expose(agent, "shop")) {
            assertThat(visit("shop")).startsWith("HTTP/1.1 200 ");
        }
        assertRefused(agent(nameOnly), "401"); // nobody is let in by that name
    }

    @Test
    void optionalCertificatesLeaveTokensAWay() throws Exception {
        Path tokens = tokens("cert:spiffe://test/shop shop", "a-token other");
        start(r -> r.authenticator(Authenticator.tokens(tokens)).agentCertificatesRequired(false));
        try (TunnelAgent certified = agent(shop).build();
                TunnelAgent tokened = agent().token("a-token").build();
                Tunnel one = expose(certified, "shop");
                Tunnel other = expose(tokened, "other")) {
            assertThat(visit("shop")).startsWith("HTTP/1.1 200 ");
            assertThat(visit("other")).startsWith("HTTP/1.1 200 ");
        }
        assertRefused(agent(), "401");
        assertRefused(agent(stranger), "401"); // the JDK does not even show one of another authority
    }

    /** Visitors' ports ask nobody for a certificate, and take no agents. */
    @Test
    void visitorsAndAgentsHaveTheirOwnPorts() throws Exception {
        start(r -> {});
        assertThat(relay.uri().getPort()).isNotEqualTo(relay.port());
        try (SSLSocket visitor =
                (SSLSocket) server.context().getSocketFactory().createSocket("127.0.0.1", relay.port())) {
            visitor.startHandshake();
            assertThat(visitor.getSession().getLocalCertificates()).isNull();
        }
        for (String path : new String[] {"/_tunnel/control", "/_ws_proxy/" + "0".repeat(32)}) {
            try (TlsVisitor visitor =
                    new TlsVisitor(server.context(), URI.create("https://127.0.0.1:" + relay.port()))) {
                UpgradingOrigin.write(
                        visitor.tls, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n\r\n");
                assertThat(UpgradingOrigin.readHead(visitor.tls.getInputStream()))
                        .startsWith("HTTP/1.1 404 ")
                        .contains("unknown-tunnel");
            }
        }
    }

    /** Renewed by rename, as certbot does it; the link stays, and new data connections have the new certificate. */
    @Test
    void bothSidesReadTheirFilesAgain() throws Exception {
        Path authorities = directory.resolve("authorities.pem");
        Files.copy(authority.chain(), authorities, StandardCopyOption.REPLACE_EXISTING);
        start(r ->
                r.agentCertificates(TlsTrust.pem(authorities)).transports("tcp").slots(0));
        Path chain = directory.resolve("agent.pem");
        Path key = directory.resolve("agent.key");
        Files.copy(shop.chain(), chain);
        Files.copy(shop.key(), key);
        try (TunnelAgent agent = agent().certificate(TlsKeys.pem(chain, key))
                        .transports("tcp")
                        .build();
                Tunnel tunnel = expose(agent, "shop")) {
            assertThat(visit("shop")).startsWith("HTTP/1.1 200 ");
            Files.copy(otherAuthority.chain(), authorities, StandardCopyOption.REPLACE_EXISTING);
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                try (TunnelAgent outdated = agent(shop).build()) {
                    assertThatThrownBy(() -> expose(outdated, "late")).isInstanceOf(TunnelException.class);
                }
            });
            Files.copy(stranger.key(), key, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(stranger.chain(), chain, StandardCopyOption.REPLACE_EXISTING);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(visit("shop")).startsWith("HTTP/1.1 200 "));
            try (TunnelAgent next = agent(stranger).build();
                    Tunnel other = expose(next, "new")) {
                assertThat(visit("new")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void whatCannotWorkIsToldAtTheStart() {
        TunnelRelay.Builder builder = TunnelRelay.builder().agentCertificates(TlsTrust.pem(authority.chain()));
        assertThatThrownBy(builder::start)
                .isInstanceOf(TunnelException.class)
                .hasMessageContainingAll("--agent-port", "--tls-cert");
        assertThatThrownBy(() -> TlsTrust.pem(directory.resolve("absent.pem")))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("it does not exist");
    }
}
