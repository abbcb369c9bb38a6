package io.culvert.tunnel.e2e;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;

/** A relay, an agent and one tunnel between them, with the metrics of both. */
final class Rig implements AutoCloseable {
    final CountingMetrics relayMetrics = new CountingMetrics();
    final CountingMetrics agentMetrics = new CountingMetrics();
    final TunnelRelay relay;
    final TunnelAgent agent;
    final Tunnel tunnel;

    private Rig(TransportCase transport, TunnelSpec spec, Consumer<TunnelRelay.Builder> options) {
        TunnelRelay.Builder relayBuilder =
                TunnelRelay.builder().metrics(relayMetrics).drainTimeout(Duration.ZERO);
        transport.on(relayBuilder);
        options.accept(relayBuilder);
        relay = relayBuilder.start();
        try {
            TunnelAgent.Builder agentBuilder = TunnelAgent.builder()
                    .relay(relay.uri())
                    .metrics(agentMetrics)
                    .drainTimeout(Duration.ZERO);
            transport.on(agentBuilder);
            agent = agentBuilder.build();
            tunnel = agent.expose(spec);
        } catch (RuntimeException x) {
            relay.close();
            throw x;
        }
    }

    static Rig start(TransportCase transport, int port) {
        return start(transport, port, relay -> {});
    }

    static Rig start(TransportCase transport, int port, Consumer<TunnelRelay.Builder> options) {
        return new Rig(transport, TunnelSpec.port(port), options);
    }

    static Rig expose(TransportCase transport, TunnelSpec spec, Consumer<TunnelRelay.Builder> options) {
        return new Rig(transport, spec, options);
    }

    URI url(String path) {
        return URI.create(tunnel.publicUrl() + path);
    }

    URI webSocket(String path) {
        return URI.create("ws" + tunnel.publicUrl().toString().substring("http".length()) + path);
    }

    int port() {
        return tunnel.publicUrl().getPort();
    }

    /** What a visitor puts into Host. */
    String host() {
        return tunnel.publicUrl().getAuthority();
    }

    RawHttp visit() throws IOException {
        return RawHttp.connect(port());
    }

    @Override
    public void close() {
        agent.close();
        relay.close();
    }
}
