package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Limit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of visitors when as many connections are open as there may be. */
class FullRelayTest {
    private static final int MOST = 16;
    private static final String GET = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

    private final List<TestVisitor> visitors = new ArrayList<>();

    private TestVisitor visit(TestRelay relay) throws IOException {
        TestVisitor visitor = relay.visit();
        visitors.add(visitor);
        return visitor;
    }

    @AfterEach
    void leave() throws IOException {
        for (TestVisitor visitor : visitors) {
            visitor.close();
        }
    }

    private static TestRelay relay(TestOrigin origin) {
        return new TestRelay(origin, options -> options.limits(limits -> limits.connections(MOST)));
    }

    private static boolean isServed(TestVisitor visitor) {
        return isServed(visitor, GET);
    }

    private static boolean isServed(TestVisitor visitor, String request) {
        try {
            return visitor.ask(request).body().equals("fine");
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void oneThatSaysNothingMakesRoom() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(ANSWER);
                TestRelay relay = relay(origin)) {
            TestVisitor keptAlive = visit(relay);
            assertThat(isServed(keptAlive)).isTrue();
            List<TestVisitor> silent = new ArrayList<>();
            for (int i = 1; i < MOST; i++) {
                silent.add(visit(relay).send("GET"));
            }
            TestVisitor late = visit(relay);
            assertThat(isServed(late)).isTrue();
            await().until(() -> relay.reached.contains(Limit.CONNECTIONS));
            assertThat(silent.stream()
                            .filter(visitor -> !isServed(visitor, GET.substring(3)))
                            .count())
                    .isEqualTo(1);
            assertThat(isServed(keptAlive)).isTrue();
            assertThat(isServed(late)).isTrue();
        }
    }

    @Test
    void elseOneBetweenTwoRequestsDoes() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(ANSWER);
                TestRelay relay = relay(origin)) {
            for (int i = 0; i < MOST; i++) {
                assertThat(isServed(visit(relay))).isTrue();
            }
            TestVisitor late = relay.visit();
            assertThat(isServed(late)).isTrue();
            late.close();
            assertThat(visitors.stream().filter(visitor -> !isServed(visitor)).count())
                    .isEqualTo(1);
        }
    }

    @Test
    void requestsUnderWayKeepTheirPlace() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        TestOrigin.Script waits = connection -> {
            connection.readHead();
            answer.await();
            connection.send(ANSWER);
        };
        try (TestOrigin origin = new TestOrigin(waits);
                TestRelay relay = relay(origin)) {
            for (int i = 0; i < MOST; i++) {
                visit(relay).send(GET);
                origin.head();
            }
            assertThat(isServed(visit(relay))).isFalse();
            answer.countDown();
            for (TestVisitor visitor : visitors.subList(0, MOST)) {
                assertThat(visitor.read().body()).isEqualTo("fine");
            }
            assertThat(relay.reached).containsExactly(Limit.CONNECTIONS);
        }
    }
}
