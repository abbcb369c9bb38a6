package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.TunnelRelay;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a relay's operator reads about agents that do something odd. */
class LogTest {
    private static final int CREDIT = 64 * 1024;

    /** A relay in a process whose log is its error stream. */
    public static void main(String[] args) throws InterruptedException {
        TunnelRelay relay = TunnelRelay.builder()
                .domain("example.test")
                .authenticator(token -> Optional.of(new AgentIdentity(token)))
                .start();
        System.out.println(relay.port());
        Thread.currentThread().join();
    }

    @FunctionalInterface
    private interface Agents {
        void visit(int port) throws Exception;
    }

    private static String logOf(Agents agents) throws Exception {
        try (JavaProcess process = JavaProcess.start(List.of(
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-cp",
                JavaProcess.classPath(),
                LogTest.class.getName()))) {
            agents.visit(Integer.parseInt(process.line()));
            process.signal("TERM");
            process.exitCode();
            return process.errors();
        }
    }

    private static void awaitAnswer(RawControl agent) throws Exception {
        agent.send(RawControl.message("ping").put("nonce", 1));
        assertThat(agent.next("pong").path("nonce").asInt()).isEqualTo(1);
    }

    @Test
    void theOlderConnectionOfAnAgentAndTheNewerOneAreBothLogged() throws Exception {
        String[] session = new String[1];
        String log = logOf(port -> {
            try (RawControl older = RawControl.open(port, "owner-1");
                    RawControl newer = RawControl.open(port, "owner-1")) {
                JsonNode first = older.register("one", "control", CREDIT, "shop");
                newer.register("one", "control", CREDIT, "shop");
                assertThat(older.closeCode()).isEqualTo(1001);
                awaitAnswer(newer);
                session[0] = first.path("session").asText();
            }
        });
        assertThat(log)
                .containsOnlyOnce("Session " + session[0] + " of owner-1 registered")
                .containsOnlyOnce("Session " + session[0]
                        + ": its agent connected again while the older control channel stands; replacing that")
                .containsOnlyOnce("Session " + session[0] + " of owner-1 resumed")
                .containsSubsequence("of owner-1 registered", "replacing that", "of owner-1 resumed");
    }

    @Test
    void eachTypeThatNobodyKnowsIsLoggedOnce() throws Exception {
        String log = logOf(port -> {
            for (String agentId : List.of("one", "two")) {
                try (RawControl agent = RawControl.open(port, "owner-1")) {
                    agent.register(agentId, "control", CREDIT, agentId);
                    for (int i = 0; i < 3; i++) {
                        agent.send(RawControl.message("from-the-future").put("field", i));
                        agent.send(RawControl.message("from-elsewhere"));
                    }
                    awaitAnswer(agent);
                }
            }
        });
        assertThat(Pattern.compile("WARN .*unknown type '([a-z-]+)'")
                        .matcher(log)
                        .results())
                .extracting(result -> result.group(1))
                .containsExactly("from-the-future", "from-elsewhere");
    }
}
