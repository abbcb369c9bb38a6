package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is nobody's business is in no log, however much of it is written. */
class SecretsTest {
    private static final String TOKEN = "secret-token";
    private static final String PASSWORD = "secret-password";

    /** A relay with an agent, in a process whose log is its error stream. */
    public static void main(String[] args) throws InterruptedException {
        TransportCase transport = TransportCase.valueOf(args[0]);
        TunnelRelay.Builder relayBuilder = TunnelRelay.builder()
                .domain("example.test")
                .authenticator(
                        token -> token.equals(TOKEN) ? Optional.of(new AgentIdentity("owner")) : Optional.empty());
        transport.on(relayBuilder);
        TunnelRelay relay = relayBuilder.start();
        TunnelAgent.Builder agentBuilder =
                TunnelAgent.builder().relay(relay.uri()).token(TOKEN);
        transport.on(agentBuilder);
        agentBuilder
                .build()
                .expose(TunnelSpec.builder(Integer.parseInt(args[1]))
                        .name("demo")
                        .protection(protection -> protection.login("me", PASSWORD))
                        .build());
        System.out.println(relay.port());
        Thread.currentThread().join();
    }

    private static String login(String password) {
        return Base64.getEncoder().encodeToString(("me:" + password).getBytes(UTF_8));
    }

    private static int visit(int port, String login) throws IOException {
        try (RawHttp visitor = RawHttp.connect(port)) {
            String body = "secret-body";
            visitor.send("POST /secret-path?secret-query HTTP/1.1\r\nHost: demo.example.test\r\nAuthorization: Basic "
                    + login + "\r\nCookie: secret-cookie\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            return visitor.readResponse().status();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void noneIsLogged(TransportCase transport) throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    String head = c.readHead();
                    assertThat(c.readText(11)).isEqualTo("secret-body");
                    if (head.contains("secret-path")) {
                        c.send("HTTP/1.1 200 OK\r\nSet-Cookie: secret-answer\r\nContent-Length: 11\r\n\r\nsecret-text");
                    }
                });
                JavaProcess process = JavaProcess.start(List.of(
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                        "-Dorg.slf4j.simpleLogger.log.io.culvert=trace",
                        "-cp",
                        JavaProcess.classPath(),
                        SecretsTest.class.getName(),
                        transport.name(),
                        String.valueOf(origin.port())))) {
            int port = Integer.parseInt(process.line());
            assertThat(visit(port, login(PASSWORD))).isEqualTo(200);
            assertThat(visit(port, login("secret-guess"))).isEqualTo(401);
            try (RawHttp stranger = RawHttp.connect(port)) {
                stranger.send(RawControl.handshake("127.0.0.1", "Authorization: Bearer secret-guess\r\n"));
                assertThat(stranger.readResponse().status()).isEqualTo(401);
            }
            String dataSecret;
            try (RawControl agent = RawControl.open(port, TOKEN)) {
                dataSecret = agent.register("other", transport.transport(), 65_536)
                        .path("data_secret")
                        .asText();
                try (RawHttp data = RawHttp.connect(port)) {
                    data.send("GET /_ws_proxy/" + "0".repeat(32)
                            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: culvert\r\n"
                            + "Authorization: Bearer " + dataSecret + "\r\n\r\n");
                    assertThat(data.readResponse().status()).isEqualTo(404);
                }
                agent.send("{\"type\":\"secret-type\",\"x\":\"secret-text\"}");
                agent.send("{\"type\":\"ping\",\"nonce\":\"secret-text\"}");
                assertThat(agent.closeCode()).isEqualTo(1007);
            }
            process.signal("TERM");
            process.exitCode();
            assertThat(dataSecret).hasSize(64);
            assertThat(process.errors())
                    .contains("demo.example.test", "DEBUG")
                    .doesNotContain(
                            TOKEN,
                            PASSWORD,
                            dataSecret,
                            login(PASSWORD),
                            login("secret-guess"),
                            "secret-guess",
                            "secret-path",
                            "secret-query",
                            "secret-cookie",
                            "secret-body",
                            "secret-answer",
                            "secret-text");
        }
    }
}
