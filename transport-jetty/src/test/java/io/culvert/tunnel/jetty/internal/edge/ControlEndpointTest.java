package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.core.net.Carrier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The door for agents. */
class ControlEndpointTest {
    private static final String GET = "GET /_tunnel/control HTTP/1.1\r\nHost: relay.test\r\n";
    private static final String WEBSOCKET = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static TestRelay relay() {
        TestRelay relay = new TestRelay(null);
        relay.authenticator = token -> token.filter("good"::equals).map(AgentIdentity::new);
        return relay;
    }

    @Test
    void opensAWebSocketWithoutExtensions() throws Exception {
        BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        try (TestRelay relay = relay();
                TestVisitor agent = relay.visit()) {
            relay.carrierListener = new Carrier.Listener() {
                @Override
                public void onMessage(ByteBuffer utf8) {
                    messages.add(StandardCharsets.UTF_8.decode(utf8).toString());
                }

                @Override
                public void onClosed(int code, String reason, Throwable failure) {
                    messages.add("closed " + code);
                }
            };
            String head = agent.send(GET + WEBSOCKET
                            + "Authorization: bearer good\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
                    .readHead();
            assertThat(Wire.status(head)).isEqualTo(101);
            assertThat(Wire.field(head, "Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(Wire.field(head, "Sec-WebSocket-Extensions")).isNull();
            assertThat(Wire.field(head, "Server")).isNull();
            agent.send("\u0081\u0082\0\0\0\0hi"); // a masked text frame
            assertThat(messages.poll(10, TimeUnit.SECONDS)).isEqualTo("hi");
            agent.close();
            assertThat(messages.poll(10, TimeUnit.SECONDS)).isEqualTo("closed 1006");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '@',
            value = {
                "Authorization: Bearer good|Origin: http://127.0.0.1 @ 403",
                "Authorization: Bearer good|Origin: null @ 403",
                "X: 1 @ 401",
                "Authorization: Bearer bad @ 401",
                "Authorization: Basic good @ 401",
                "Authorization: Bearer @ 401",
                "Authorization: good @ 401",
                "Authorization: Bearer good|Authorization: Bearer good @ 401",
            })
    void refuses(String fields, int status) throws Exception {
        try (TestRelay relay = relay();
                TestVisitor agent = relay.visit()) {
            TestVisitor.Answer answer = agent.ask(GET + WEBSOCKET + fields.replace("|", "\r\n") + "\r\n\r\n");
            assertThat(answer.status()).isEqualTo(status);
            if (status == 401) {
                assertThat(answer.field("WWW-Authenticate")).isEqualTo("Bearer");
                assertThat(answer.field("Tunnel-Error")).isEqualTo("unauthorized");
            }
        }
    }

    @Test
    void refusesATokenThatIsTooLong() throws Exception {
        try (TestRelay relay = relay();
                TestVisitor agent = relay.visit()) {
            relay.authenticator = token -> {
                assertThat(token).isEmpty();
                return Optional.empty();
            };
            assertThat(agent.ask(GET + WEBSOCKET + "Authorization: Bearer " + "x".repeat(2000) + "\r\n\r\n")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void refusesWhatIsNoHandshake() throws Exception {
        try (TestRelay relay = relay();
                TestVisitor agent = relay.visit()) {
            TestVisitor.Answer posted =
                    agent.ask("POST /_tunnel/control HTTP/1.1\r\nHost: relay.test\r\nContent-Length: 0\r\n\r\n");
            assertThat(posted.status()).isEqualTo(405);
            assertThat(posted.field("Allow")).isEqualTo("GET");
            TestVisitor.Answer plain = agent.ask(GET + "Authorization: Bearer good\r\n\r\n");
            assertThat(plain.status()).isEqualTo(426);
            assertThat(plain.field("Upgrade")).isEqualTo("websocket");
            TestVisitor.Answer keyless =
                    agent.ask(GET + "Authorization: Bearer good\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\n\r\n");
            assertThat(keyless.status()).isEqualTo(400);
        }
        try (TestRelay relay = relay();
                TestVisitor agent = relay.visit()) {
            TestVisitor.Answer old =
                    agent.ask(GET + "Authorization: Bearer good\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(old.status()).isIn(400, 426);
        }
    }

    @Test
    void refusesEveryoneWhenTheAuthenticatorFails() throws Exception {
        try (TestRelay relay = relay();
                TestVisitor agent = relay.visit()) {
            relay.authenticator = token -> {
                throw new IllegalStateException("broken");
            };
            assertThat(agent.ask(GET + WEBSOCKET + "Authorization: Bearer good\r\n\r\n")
                            .status())
                    .isEqualTo(401);
        }
    }
}
