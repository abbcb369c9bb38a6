package io.culvert.tunnel.core;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A relay under agents and visitors that do anything, in any order and at any time. */
class RelayStateFuzzTest {
    private static final int MOST_STEPS = 300;
    private static final AgentIdentity[] OWNERS = {new AgentIdentity("owner-1"), new AgentIdentity("owner-2")};
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
        FuzzedRelay relay = new FuzzedRelay();
        for (int step = 0; step < MOST_STEPS && data.remainingBytes() > 0; step++) {
            step(data, relay);
        }
        relay.finish();
        errors.assertNone();
    }

    private static void step(FuzzedDataProvider data, FuzzedRelay relay) {
        switch (data.consumeInt(0, 17)) {
            case 0 -> relay.connect(data.pickValue(OWNERS));
            case 1 ->
                agent(data, relay, agent -> agent.carrier()
                        .say(messages(data, relay, agent).register()));
            case 2, 3, 4, 5 ->
                agent(data, relay, agent -> agent.carrier()
                        .say(messages(data, relay, agent).any()));
            case 6 -> agent(data, relay, agent -> agent.carrier().say(ByteBuffer.wrap(data.consumeBytes(100))));
            case 7 ->
                agent(data, relay, agent -> agent.carrier()
                        .hangUp(data.pickValue(new Integer[] {1000, 1001, 1006, 1002})));
            case 8 -> relay.clock.advance(data.pickValue(TIMES));
            case 9 ->
                relay.visit(data.pickValue(new String[] {"shop", "bank", "news"}), data.pickValue(StreamKind.values()));
            case 10 -> visit(data, relay, v -> relay.write(v, data.pickValue(new Integer[] {0, 1, 5_000, 100_000})));
            case 11 -> visit(data, relay, relay::read);
            case 12 -> visit(data, relay, relay::end);
            case 13 ->
                visit(data, relay, v -> {
                    if (v.stream() != null) {
                        v.stream().reset(new StreamException(TunnelError.CANCELLED, "the visitor left"));
                    }
                });
            case 14 ->
                visit(data, relay, v -> {
                    if (v.stream() != null) {
                        v.stream().close();
                    } else {
                        v.opening.cancel(false);
                    }
                });
            case 15 -> relay.tasks.runOne();
            case 16 -> agent(data, relay, agent -> agent.carrier().deliver());
            default -> {
                relay.tasks.runAll();
                relay.agents.forEach(agent -> agent.carrier().deliver());
                relay.tasks.runAll();
            }
        }
    }

    private static FuzzedMessages messages(FuzzedDataProvider data, FuzzedRelay relay, FuzzedRelay.Agent agent) {
        return new FuzzedMessages(data, relay.ids, agent.mark());
    }

    private static void agent(FuzzedDataProvider data, FuzzedRelay relay, Consumer<FuzzedRelay.Agent> action) {
        if (!relay.agents.isEmpty()) {
            action.accept(relay.agents.get(data.consumeInt(0, relay.agents.size() - 1)));
        }
    }

    private static void visit(FuzzedDataProvider data, FuzzedRelay relay, Consumer<FuzzedRelay.Visit> action) {
        if (!relay.visits.isEmpty()) {
            action.accept(relay.visits.get(data.consumeInt(0, relay.visits.size() - 1)));
        }
    }
}
