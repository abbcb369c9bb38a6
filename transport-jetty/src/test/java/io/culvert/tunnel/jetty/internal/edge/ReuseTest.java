package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** How long a stream is kept for the next request. */
class ReuseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @Test
    void aStreamThatNobodyUsesIsClosedInTime() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    while (connection.readRequest() != null) {
                        connection.send(ANSWER);
                    }
                    ended.countDown();
                });
                TestRelay relay =
                        new TestRelay(origin, options -> options.timeouts(t -> t.reuse(Duration.ofMillis(100))));
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            ended.await(); // the visitor's own connection stands
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            assertThat(origin.accepted()).isEqualTo(2);
            assertThat(origin.failures()).isEmpty();
        }
    }
}
