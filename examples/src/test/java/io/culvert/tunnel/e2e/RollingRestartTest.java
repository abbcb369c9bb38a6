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

/**
 * A new agent takes a name over from an older one, again and again, and no visitor notices. Not yet true of {@code control}, where a drain
 * overtakes openings that wait for their turn.
 */
class RollingRestartTest {
    private static final int VISITORS = 4;
    private static final int RESTARTS = 4;

    private final Map<String, AtomicInteger> answers = new ConcurrentHashMap<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    private void visit(int port, CountDownLatch started) {
        while (!over.get()) {
            String answer;
            try (RawHttp visitor = RawHttp.connect(port)) {
                for (int i = 0; i < 20 && !over.get(); i++) {
                    visitor.send("GET / HTTP/1.1\r\nHost: demo.example.test\r\n\r\n");
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

    private static TunnelAgent agent(TunnelRelay relay, TransportCase transport, int port) {
        TunnelAgent.Builder builder = TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ofSeconds(20));
        transport.on(builder);
        TunnelAgent agent = builder.build();
        agent.expose(TunnelSpec.builder(port).name("demo").build());
        return agent;
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"TCP", "TCP_WITHOUT_SLOTS"})
    void failsNoRequest(TransportCase transport) throws Exception {
        TunnelRelay.Builder builder =
                TunnelRelay.builder().domain("example.test").drainTimeout(Duration.ZERO);
        transport.on(builder);
        ExecutorService visitors = Executors.newFixedThreadPool(VISITORS);
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("fine"));
                TunnelRelay relay = builder.start()) {
            TunnelAgent current = agent(relay, transport, origin.port());
            CountDownLatch started = new CountDownLatch(VISITORS);
            List<Future<?>> visits = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                visits.add(visitors.submit(() -> visit(relay.port(), started)));
            }
            started.await();
            for (int i = 0; i < RESTARTS; i++) {
                TunnelAgent next = agent(relay, transport, origin.port());
                current.close();
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
        assertThat(answers).containsOnlyKeys("HTTP/1.1 200 OK fine");
    }
}
