package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.message.TunnelMessage.Pong;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of agents that are connected when the authenticator would not let them in any more. */
class RecheckTest {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(4);

    private final AtomicInteger looks = new AtomicInteger();
    private final RelayFixture fixture = new RelayFixture(options -> options.domain("example.test")
            .pingInterval(Duration.ofMinutes(10))
            .graceTime(Duration.ofMinutes(30))
            .authenticator(new Forgetful()));

    /** In which of the looks, counted from 1, the first owner is missing. */
    private volatile IntPredicate missing = look -> false;

    private volatile boolean failing;

    private final class Forgetful implements Authenticator {
        @Override
        public Optional<AgentIdentity> authenticate(String token) {
            return Optional.of(new AgentIdentity(token));
        }

        @Override
        public Set<AgentIdentity> stillLetIn(Set<AgentIdentity> agents) {
            int look = looks.incrementAndGet();
            if (failing) {
                throw new IllegalStateException("on purpose");
            }
            return agents.stream()
                    .filter(agent -> !agent.owner().equals("owner-1") || !missing.test(look))
                    .collect(Collectors.toSet());
        }
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void awaitLooks(int count) {
        await(() -> {
            fixture.clock.advance(BETWEEN_LOOKS);
            return looks.get() >= count;
        });
    }

    private static void assertConnected(RawPeer agent) throws InterruptedException {
        assertThat(agent.send(new Ping(7)).next(Pong.class).nonce()).isEqualTo(7);
    }

    @Test
    void aSessionEndsWhoseAgentIsMissingFromTwoAnswersInARow() throws Exception {
        RawPeer gone = fixture.agent("owner-1");
        gone.register("a", "demo");
        RawPeer stays = fixture.agent("owner-2");
        stays.register("a", "other");
        missing = look -> true;
        await(() -> {
            fixture.clock.advance(BETWEEN_LOOKS);
            return gone.closed.isDone();
        });
        assertThat(gone.closeCode()).isEqualTo(1001);
        assertThat(looks).hasValueGreaterThanOrEqualTo(2);
        assertConnected(stays);
        await(() -> fixture.relay.tunnels().keySet().equals(Set.of("other")));
        assertThat(fixture.metrics.sessions).hasValue(1);
    }

    @Test
    void oneThatIsAwayDoesNotFindItsSessionAgain() throws Exception {
        RawPeer gone = fixture.agent("owner-1");
        gone.register("a", "demo");
        gone.carrier().abort();
        missing = look -> true;
        awaitLooks(2);
        await(() -> fixture.relay.tunnels().isEmpty());
    }

    @Test
    void aFileThatIsReadWhileItIsWrittenEndsNothing() throws Exception {
        RawPeer agent = fixture.agent("owner-1");
        agent.register("a", "demo");
        missing = look -> look % 2 == 1;
        for (int look = 2; look < 8; look++) { // that one begins only when the one before was answered
            awaitLooks(look);
            assertConnected(agent);
        }
    }

    @Test
    void anAuthenticatorThatFailsEndsNothing() throws Exception {
        RawPeer agent = fixture.agent("owner-1");
        agent.register("a", "demo");
        failing = true;
        awaitLooks(4);
        assertConnected(agent);
    }

    @Test
    void byDefaultAllStay() {
        Set<AgentIdentity> agents = Set.of(new AgentIdentity("a"), new AgentIdentity("b", Set.of("shop")));
        assertThat(RelayFixture.TOKENS.stillLetIn(agents)).isEqualTo(agents);
    }
}
