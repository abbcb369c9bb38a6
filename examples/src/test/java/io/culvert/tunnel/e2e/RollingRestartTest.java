package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A new agent takes a name over from an older one, again and again, and no visitor notices: not one of a POST, which nobody may repeat, either. */
class RollingRestartTest {
    private static final int VISITORS = 8;
    private static final int RESTARTS = 12;

    /** Larger than one message of {@code control}, so that a body is on its way for a while. */
    private static final String BODY = "x".repeat(70_000);

    private final Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private void visit(int port, CountDownLatch started, boolean posts) {
        String get = "GET / HTTP/1.1\r\nHost: demo.example.test\r\n\r\n";
        String post =
                "POST / HTTP/1.1\r\nHost: demo.example.test\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY;
        while (!over.get()) {
            String answer;
            try (RawHttp visitor = RawHttp.connect(port)) {
                for (int i = 0; i < 20 && !over.get(); i++) {
                    visitor.send(posts ? post : get);
                    RawHttp.Response response = visitor.readResponse();
                    answer = response.statusLine() + " " + response.text();
                    answers.computeIfAbsent(answer, a -> new AtomicInteger()).incrementAndGet();
                    answered.incrementAndGet();
                    started.countDown();
                }
            } catch (Exception | AssertionError x) {
                answers.computeIfAbsent(x.toString(), a -> new AtomicInteger()).incrementAndGet();
            }
        }
    }

    private static void serve(RawHttp connection) throws Exception {
        while (true) {
            String head = connection.readHead();
            List<String> lengths = RawHttp.values(RawHttp.fields(head), "Content-Length");
            int length = lengths.isEmpty() ? 0 : Integer.parseInt(lengths.get(0));
            connection.send(RawOrigin.ok("took " + connection.readExactly(length).length));
        }
    }

    private static TunnelAgent agent(TunnelRelay relay, TransportCase transport, int port) {
        TunnelAgent.Builder builder = TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ofSeconds(20));
        transport.on(builder);
        TunnelAgent agent = builder.build();
        agent.expose(TunnelSpec.builder(port).name("demo").build());
        return agent;
    }

    @ParameterizedTest
    @EnumSource(TransportCase.class)
    void failsNoRequest(TransportCase transport) throws Exception {
        TunnelRelay.Builder builder =
                TunnelRelay.builder().domain("example.test").drainTimeout(Duration.ofSeconds(20));
        transport.on(builder);
        ExecutorService visitors = Executors.newFixedThreadPool(VISITORS);
        try (RawOrigin origin = RawOrigin.start(RollingRestartTest::serve);
                TunnelRelay relay = builder.start()) {
            TunnelAgent current = agent(relay, transport, origin.port());
            CountDownLatch started = new CountDownLatch(VISITORS);
            List<Future<?>> visits = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                boolean posts = i % 2 == 1;
                visits.add(visitors.submit(() -> visit(relay.port(), started, posts)));
            }
            started.await();
            for (int i = 0; i < RESTARTS; i++) {
                TunnelAgent next = agent(relay, transport, origin.port());
                current.close(); // while it drains already, as it was replaced
                current = next;
                int before = answered.get();
                await().atMost(Duration.ofSeconds(30)).until(() -> answered.get() > before + 50);
            }
            over.set(true);
            for (Future<?> visit : visits) {
                visit.get();
            }
            current.close();
        } finally {
            over.set(true);
            visitors.shutdownNow();
        }
        assertThat(answers).containsOnlyKeys("HTTP/1.1 200 OK took 0", "HTTP/1.1 200 OK took " + BODY.length());
    }
}
