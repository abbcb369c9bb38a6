package io.culvert.tunnel.core;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.net.PublicTunnel;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A relay in a network without sockets, under a clock of the test's. Each token is its owner's name. */
final class RelayFixture implements AutoCloseable {
    static final Authenticator TOKENS =
            token -> token.startsWith("owner-") ? Optional.of(new AgentIdentity(token)) : Optional.empty();

    final MemoryNetwork network = new MemoryNetwork();
    final ManualScheduler clock = new ManualScheduler();
    final MetricsLog metrics = new MetricsLog();
    final TunnelRelay relay;
    private final int timersOfNoSession;

    RelayFixture() {
        this(options -> options);
    }

    RelayFixture(UnaryOperator<TunnelRelay.Builder> options) {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .transports("memory")
                .metrics(metrics)
                .authenticator(TOKENS)
                .drainTimeout(java.time.Duration.ZERO);
        relay = RelayRuntime.start(options.apply(builder).options(), network, new Timing(clock, clock::nanoTime));
        timersOfNoSession = clock.waiting();
    }

    /** Waits until a session has a timer: its heartbeat, or the end of its grace time. */
    void awaitTimer() {
        await(() -> clock.waiting() > timersOfNoSession);
    }

    MemoryNetwork.Edge edge() {
        return network.edge(relay.port());
    }

    /** A raw agent, connected. */
    RawPeer agent() {
        return agent("owner-1");
    }

    RawPeer agent(String token) {
        RawPeer peer = new RawPeer();
        network.dial(relay.port(), Optional.of(token), peer::on);
        return peer;
    }

    PublicTunnel tunnel(String name) {
        return edge().face.tunnelByHost(name + ".example.test").orElseThrow();
    }

    static void await(java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await().pollInterval(java.time.Duration.ofMillis(5)).until(condition);
    }

    @Override
    public void close() {
        relay.close();
        network.close();
    }
}
