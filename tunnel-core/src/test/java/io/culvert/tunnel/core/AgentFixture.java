package io.culvert.tunnel.core;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.agent.AgentConfig;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** An agent on a network without sockets, under a clock of its own. */
final class AgentFixture implements AutoCloseable {
    final ManualScheduler clock = new ManualScheduler();
    final MetricsLog metrics = new MetricsLog();
    final List<TunnelState> states = new CopyOnWriteArrayList<>();
    final List<TunnelException> causes = new CopyOnWriteArrayList<>();
    final TunnelAgent agent;

    AgentFixture(MemoryNetwork network, int port, String token, UnaryOperator<TunnelAgent.Builder> options) {
        TunnelListener listener = (tunnel, state, cause) -> {
            states.add(state);
            if (cause != null) {
                causes.add(cause);
            }
        };
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .transports("memory")
                .metrics(metrics)
                .drainTimeout(java.time.Duration.ZERO)
                .listener(listener);
        agent = AgentRuntime.create(
                options.apply(builder).options(),
                new AgentConfig(URI.create("ws://127.0.0.1:" + port), Optional.of(token)),
                network::agent,
                () -> new Timing(clock, clock::nanoTime),
                new Random(1) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public double nextDouble() {
                        return 1;
                    }
                });
    }

    CompletableFuture<Tunnel> expose(TunnelSpec spec) {
        return CompletableFuture.supplyAsync(() -> agent.expose(spec));
    }

    @Override
    public void close() {
        agent.close();
    }
}
