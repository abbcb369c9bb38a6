package io.culvert.tunnel.core.internal.agent;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.tunnel.core.FuzzedMessages;
import io.culvert.tunnel.core.LoggedErrors;
import io.culvert.tunnel.core.MultiplexerTransportProvider;
import io.culvert.tunnel.message.TunnelMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** An agent under a relay and local services that do anything, in any order and at any time. */
class AgentStateFuzzTest {
    private static final int MOST_STEPS = 300;
    private static final int MOST_IDS = 12;
    private static final Duration[] TIMES = {
        Duration.ofMillis(10), Duration.ofSeconds(5), Duration.ofSeconds(16), Duration.ofMinutes(2), Duration.ofHours(1)
    };

    private static LoggedErrors errors;

    @BeforeAll
    static void listen() {
        errors = new LoggedErrors();
    }

    @AfterAll
    static void stop() {
        errors.close();
    }

    @FuzzTest
    void anythingInAnyOrder(FuzzedDataProvider data) {
        FuzzedLink agent = new FuzzedLink();
        FuzzedMessages messages = new FuzzedMessages(data, ids(), (byte) 1);
        for (int step = 0; step < MOST_STEPS && data.remainingBytes() > 0; step++) {
            step(data, agent, messages);
        }
        agent.finish();
        errors.assertNone();
    }

    private static List<String> ids() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < MOST_IDS; i++) {
            ids.add("0".repeat(30) + (10 + i));
        }
        return ids;
    }

    private static void step(FuzzedDataProvider data, FuzzedLink agent, FuzzedMessages messages) {
        switch (data.consumeInt(0, 17)) {
            case 0 -> agent.carrier.say(registered(data, agent));
            case 1, 2, 3 -> agent.carrier.say(messages.any());
            case 4 -> agent.carrier.say(opening(data, agent));
            case 5 -> agent.carrier.say(ByteBuffer.wrap(data.consumeBytes(100)));
            case 6 -> agent.carrier.hangUp(data.pickValue(new Integer[] {1000, 1001, 1006, 1002}));
            case 7 -> agent.carrier.deliver();
            case 8 -> agent.clock.advance(data.pickValue(TIMES));
            case 9 -> agent.expose();
            case 10 -> agent.close(data.pickValue(agent.tunnels));
            case 11 -> agent.answerDial(data.consumeBoolean());
            case 12 -> service(data, agent, s -> s.write(data.pickValue(new Integer[] {0, 1, 5_000, 100_000})));
            case 13 -> service(data, agent, FuzzedLink.Service::read);
            case 14 -> service(data, agent, FuzzedLink.Service::end);
            case 15 -> service(data, agent, FuzzedLink.Service::reset);
            case 16 -> agent.tasks.runOne();
            default -> {
                if (data.consumeInt(0, 63) == 0) {
                    agent.drain();
                }
                agent.tasks.runAll();
                agent.carrier.deliver();
                agent.tasks.runAll();
            }
        }
    }

    /** A registration's answer as a relay gives it, to most of what was asked. */
    private static TunnelMessage registered(FuzzedDataProvider data, FuzzedLink agent) {
        List<TunnelMessage.Grant> grants = new ArrayList<>();
        for (String ref : agent.refs.subList(Math.max(0, agent.refs.size() - 3), agent.refs.size())) {
            grants.add(
                    data.consumeInt(0, 7) == 0
                            ? new TunnelMessage.Grant(ref, null, null, "name-taken", "Taken.", false)
                            : new TunnelMessage.Grant(ref, name(data), "http://shop.example.test", null, null, false));
        }
        return new TunnelMessage.Registered(
                "session",
                "secret",
                grants,
                data.consumeInt(0, 15) == 0 ? "tcp" : MultiplexerTransportProvider.NAME,
                Map.of(),
                new TunnelMessage.Limits(
                        data.pickValue(new Integer[] {65_536, 1024, 0, -1}),
                        data.pickValue(new Long[] {15_000L, 0L, -1L, Long.MAX_VALUE}),
                        30_000));
    }

    private static TunnelMessage opening(FuzzedDataProvider data, FuzzedLink agent) {
        String id = data.pickValue(ids());
        ByteBuffer bytes = ByteBuffer.allocate(data.pickValue(new Integer[] {0, 1, 5_000}));
        return data.consumeBoolean()
                ? new TunnelMessage.HttpRequest(id, name(data), bytes)
                : new TunnelMessage.WebSocketUpgrade(id, name(data), bytes);
    }

    private static String name(FuzzedDataProvider data) {
        return data.pickValue(new String[] {"shop3000", "shop3001", "shop"});
    }

    private static void service(FuzzedDataProvider data, FuzzedLink agent, Consumer<FuzzedLink.Service> action) {
        if (!agent.services.isEmpty()) {
            action.accept(agent.services.get(data.consumeInt(0, agent.services.size() - 1)));
        }
    }
}
