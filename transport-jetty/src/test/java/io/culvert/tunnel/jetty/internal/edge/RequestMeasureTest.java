package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.StreamKind;
import java.time.Duration;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** What the edge reports of each request. */
class RequestMeasureTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String GET = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    @Test
    void eachRequestThatATunnelTookIsReportedOnce() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.ask(GET);
            visitor.ask("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc");
            visitor.ask("GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
            await().until(() -> relay.measured.size() >= 2);
            assertThat(relay.measured)
                    .extracting(TestRelay.Measured::tunnel, TestRelay.Measured::kind, TestRelay.Measured::status)
                    .containsExactly(
                            Tuple.tuple("app", StreamKind.HTTP, 200), Tuple.tuple("app", StreamKind.HTTP, 200));
            assertThat(relay.measured).allMatch(m -> m.time().compareTo(Duration.ZERO) > 0);
        }
    }

    @Test
    void anUpgradeIsReportedWithIts101() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(visitor.readHead()).contains("101");
            await().until(() -> relay.measured.size() == 1);
            assertThat(relay.measured.get(0).status()).isEqualTo(101);
            assertThat(relay.measured.get(0).kind()).isEqualTo(StreamKind.UPGRADE);
        }
    }

    @Test
    void anAnswerThatIsCutShortHasNoStatus() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send(GET);
            await().until(() -> relay.measured.size() == 1);
            assertThat(relay.measured.get(0).status()).isZero();
        }
    }

    @Test
    void aServiceThatIsNotThereIsReportedAsTheVisitorSeesIt() throws Exception {
        int closed;
        try (TestOrigin gone = TestOrigin.answering(OK)) {
            closed = gone.port();
        }
        try (TestRelay relay = new TestRelay(null)) {
            relay.byHost.put("app.test", relay.new DirectTunnel("app", closed));
            try (TestVisitor visitor = relay.visit()) {
                int status = visitor.ask(GET).status();
                await().until(() -> relay.measured.size() == 1);
                assertThat(relay.measured.get(0).status()).isEqualTo(status).isGreaterThanOrEqualTo(500);
            }
        }
    }
}
