package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service learns of its visitor from the fields of a proxy before the relay. */
class ForwardedTest {
    private static final String CLAIMED = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
            + "X-Forwarded-Host: shop.example\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /a\r\n"
            + "Forwarded: for=192.0.2.7;proto=https\r\n";

    private RawOrigin origin;

    @BeforeEach
    void start() {
        origin = RawOrigin.answering(head -> RawOrigin.ok(head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).contains("forwarded"))
                .sorted()
                .collect(Collectors.joining("|"))));
    }

    @AfterEach
    void stop() throws Exception {
        origin.close();
    }

    private List<String> seen(Rig rig) throws Exception {
        try (RawHttp visitor = rig.visit()) {
            visitor.send("GET / HTTP/1.1\r\nHost: " + rig.host() + "\r\n" + CLAIMED + "\r\n");
            return List.of(visitor.readResponse().text().split("\\|"));
        }
    }

    @Test
    void whatAVisitorClaimsIsReplaced() throws Exception {
        try (Rig rig = Rig.start(TransportCase.TCP, origin.port())) {
            assertThat(seen(rig))
                    .containsExactly(
                            "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: " + rig.host(), "X-Forwarded-Proto: http");
        }
    }

    @Test
    void whatATrustedProxySaysPassesAndIsContinued() throws Exception {
        try (Rig rig = Rig.start(
                TransportCase.TCP, origin.port(), relay -> relay.trustedProxies("10.0.0.0/8", "127.0.0.0/8"))) {
            assertThat(seen(rig))
                    .containsExactly(
                            "Forwarded: for=192.0.2.7;proto=https",
                            "X-Forwarded-For: 192.0.2.7, 127.0.0.1",
                            "X-Forwarded-Host: shop.example",
                            "X-Forwarded-Port: 443",
                            "X-Forwarded-Prefix: /a",
                            "X-Forwarded-Proto: https");
        }
    }

    @Test
    void anotherProxyIsNotTrusted() throws Exception {
        try (Rig rig =
                Rig.start(TransportCase.TCP, origin.port(), relay -> relay.trustedProxies("10.0.0.0/8", "::1"))) {
            assertThat(seen(rig))
                    .doesNotContain("X-Forwarded-Host: shop.example")
                    .contains("X-Forwarded-For: 127.0.0.1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.0/8"})
    void aForgedHostLeadsNowhereElse(String trusted) throws Exception {
        try (RawOrigin secret = RawOrigin.answering(head -> RawOrigin.ok("secret"));
                Rig rig = Rig.expose(
                        TransportCase.TCP,
                        TunnelSpec.builder(origin.port()).name("open").build(),
                        relay -> relay.domain("example.test")
                                .trustedProxies(trusted.isEmpty() ? new String[0] : new String[] {trusted}))) {
            rig.agent.expose(TunnelSpec.builder(secret.port())
                    .name("shut")
                    .protection(protection -> protection.login("me", "open sesame"))
                    .build());
            try (RawHttp visitor = RawHttp.connect(rig.relay.port())) {
                visitor.send("GET / HTTP/1.1\r\nHost: open.example.test\r\nX-Forwarded-Host: shut.example.test\r\n"
                        + "Forwarded: host=shut.example.test\r\nX-Original-Host: shut.example.test\r\n"
                        + "X-Host: shut.example.test\r\n\r\n");
                assertThat(visitor.readResponse().status()).isEqualTo(200);
                visitor.send(
                        "GET / HTTP/1.1\r\nHost: shut.example.test\r\nX-Forwarded-Host: open.example.test\r\n\r\n");
                assertThat(visitor.readResponse().status()).isEqualTo(401);
            }
            assertThat(secret.accepted()).isZero();
        }
    }

    @Test
    void whatIsNoNetworkIsABadOption() {
        assertThatThrownBy(
                        () -> TunnelRelay.builder().trustedProxies("everyone!").start())
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION));
    }
}
