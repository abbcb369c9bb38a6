package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Row "two tunnels, many streams": each answer says whose it is, and visitors to both tunnels come and go all the time. */
class LifeCycleMixUpTest {
    private static final int VISITORS = 24;
    private static final int ROUNDS = 10;
    private static final int REQUESTS = 4;

    /** Answers with its own name and the request's target, in a body that takes more than one chunk now and then. */
    private static RawOrigin named(String name) {
        return RawOrigin.answering(head -> {
            String who = name + " " + head.split(" ")[1];
            return RawOrigin.ok((who + ";").repeat(head.contains("7") ? 4000 : 1));
        });
    }

    private static void visit(int port, int visitor) throws Exception {
        String tunnel = visitor % 2 == 0 ? "one" : "two";
        for (int round = 0; round < ROUNDS; round++) {
            try (RawHttp connection = RawHttp.connect(port)) {
                String[] targets = new String[REQUESTS];
                for (int i = 0; i < REQUESTS; i++) {
                    targets[i] = "/" + visitor + "/" + round + "/" + i;
                    connection.send("GET " + targets[i] + " HTTP/1.1\r\nHost: " + tunnel
                            + ".example.test\r\n\r\n"); // pipelined
                }
                if (round % 5 == 4) {
                    connection.reset(); // its answers are nobody's
                    continue;
                }
                for (String target : targets) {
                    String own = tunnel + " " + target + ";";
                    assertThat(connection.readResponse().text()).startsWith(own).matches("(\\Q" + own + "\\E)++");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void noAnswerReachesAnotherVisitor(TransportCase transport) throws Exception {
        TunnelRelay.Builder relayBuilder =
                TunnelRelay.builder().domain("example.test").drainTimeout(Duration.ZERO);
        transport.on(relayBuilder);
        ExecutorService visitors = Executors.newFixedThreadPool(VISITORS);
        try (RawOrigin one = named("one");
                RawOrigin two = named("two");
                TunnelRelay relay = relayBuilder.start()) {
            TunnelAgent.Builder agentBuilder =
                    TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ZERO);
            transport.on(agentBuilder);
            try (TunnelAgent agent = agentBuilder.build()) {
                agent.expose(TunnelSpec.builder(one.port()).name("one").build());
                agent.expose(TunnelSpec.builder(two.port()).name("two").build());
                List<Future<?>> visits = new ArrayList<>();
                for (int i = 0; i < VISITORS; i++) {
                    int visitor = i;
                    visits.add(visitors.submit(() -> {
                        visit(relay.port(), visitor);
                        return null;
                    }));
                }
                for (Future<?> visit : visits) {
                    visit.get();
                }
            }
        } finally {
            visitors.shutdownNow();
        }
    }
}
