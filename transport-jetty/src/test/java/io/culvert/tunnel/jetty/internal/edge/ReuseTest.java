package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a stream is kept for the next request, and for how long. */
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

    @Test
    void aStreamThatTookARepeatedRequestWaitsForItsWriteToo() throws Exception {
        BlockingQueue<Runnable> written = new LinkedBlockingQueue<>();
        BlockingQueue<Runnable> readable = new LinkedBlockingQueue<>();
        AtomicInteger accepted = new AtomicInteger();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    boolean first = accepted.getAndIncrement() == 0;
                    for (int request = 0; connection.readRequest() != null; request++) {
                        if (first && request > 0) {
                            return; // the connection was stale
                        }
                        connection.send(ANSWER);
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            TestRelay.DirectTunnel tunnel = relay.tunnel();
            tunnel.opener = kind -> tunnel.dial(kind).thenApply(stream -> new LateWord(stream, written, readable::add));

            visitor.send(GET + GET);
            Runnable sent = written.take();
            readable.take().run(); // the answer, and on this thread all that follows from it
            sent.run();
            written.take().run();
            readable.take().run();
            assertThat(visitor.read().body()).isEqualTo("ok");
            assertThat(visitor.read().body()).isEqualTo("ok");
            assertThat(origin.accepted()).isEqualTo(2);
        }
    }
}
