package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A visitor that ends its direction of the connection behind its request. */
class HalfCloseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @ParameterizedTest
    @ValueSource(strings = {GET, POST})
    void isAnsweredWhereThatIsWanted(String request) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    while (connection.readRequest() != null) {
                        ended.await();
                        connection.send(ANSWER);
                    }
                });
                TestRelay relay = new TestRelay(origin, options -> options.halfClosingVisitors(true));
                TestVisitor visitor = relay.visit()) {
            visitor.send(request);
            origin.head();
            visitor.socket.shutdownOutput();
            ended.countDown();
            assertThat(visitor.read().body()).isEqualTo("ok");
            assertThat(visitor.readToEnd()).isEmpty();
            assertThat(origin.failures()).isEmpty();
        }
    }

    @Test
    void countsAsGoneByDefault() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    try {
                        connection.in.read();
                    } finally {
                        over.countDown();
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send(GET);
            origin.head();
            visitor.socket.shutdownOutput();
            over.await(); // the local service's connection, on which it never answered
        }
    }
}
