package io.culvert.tunnel.core;

import static io.culvert.tunnel.core.RelayFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.core.internal.agent.AgentConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StaticExposeTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final AgentConfig.Lookup lookup = new AgentConfig.Lookup(properties::get, environment::get);
    private final StaticExpose expose = new StaticExpose(lookup);

    @AfterEach
    void close() {
        network.close();
    }

    private Tunnel expose(int port) {
        return expose.expose(TunnelSpec.port(port), network, options -> network.agent());
    }

    @Test
    void allShareOneRelayThatGoesWithTheLast() {
        Tunnel one = expose(3000);
        TunnelRelay relay = expose.relay().orElseThrow();
        Tunnel two = expose(3001);
        assertThat(expose.relay()).containsSame(relay);
        assertThat(one.publicUrl().toString()).matches("http://127\\.0\\.0\\.1:[0-9]+");
        assertThat(one.publicUrl()).isNotEqualTo(two.publicUrl());
        assertThat(relay.tunnels()).hasSize(2);

        one.close();
        one.close();
        assertThat(two.state()).isEqualTo(TunnelState.OPEN);
        assertThat(network.closedAgents).hasValue(1);
        two.close();
        assertThat(expose.relay()).isEmpty();
        assertThat(network.edge(relay.port())).isNull();
        assertThat(network.closedAgents).hasValue(2);
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("culvert-")));

        Tunnel again = expose(3000);
        assertThat(expose.relay()).isPresent();
        again.close();
    }

    @Test
    void manyAtOnceShareItToo() {
        List<Tunnel> tunnels = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> expose(3000 + i), network.executor))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
        assertThat(expose.relay().orElseThrow().tunnels()).hasSize(8);
        tunnels.parallelStream().forEach(Tunnel::close);
        assertThat(expose.relay()).isEmpty();
    }

    @Test
    void strangersDoNotGetIn() {
        Tunnel tunnel = expose(3000);
        int port = expose.relay().orElseThrow().port();
        assertThatThrownBy(() -> network.dial(port, Optional.empty(), carrier -> null))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.UNAUTHORIZED));
        assertThatThrownBy(() -> network.dial(port, Optional.of("guess"), carrier -> null))
                .isInstanceOf(TunnelException.class);
        tunnel.close();
    }

    @Test
    void aConfiguredRelayIsUsedInstead() {
        try (RelayFixture fixture = new RelayFixture(options -> options.transports("test"))) {
            environment.put("TUNNEL_RELAY", "ws://127.0.0.1:1");
            properties.put("tunnel.relay", " " + fixture.relay.uri() + " ");
            environment.put("TUNNEL_TOKEN", "owner-1");
            properties.put("tunnel.token", "");
            try (Tunnel tunnel =
                    expose.expose(TunnelSpec.port(3000), fixture.network, options -> fixture.network.agent())) {
                assertThat(fixture.relay.tunnels()).containsKey(tunnel.name());
                assertThat(expose.relay()).isEmpty();
            }
            await(() -> fixture.relay.tunnels().isEmpty());
        }
    }

    @Test
    void whatFailsLeavesNothing() {
        network.up = false;
        environment.put("TUNNEL_RELAY", "ftp://example.test");
        assertThatThrownBy(() -> expose(3000)).hasMessageContaining("ftp://example.test");
        assertThat(expose.relay()).isEmpty();
        assertThat(network.closedAgents).hasValue(0);
    }

    @Test
    void anAgentWithoutARelaySaysWhatToSet() {
        assertThatThrownBy(() -> AgentConfig.of(TunnelAgent.builder().options(), lookup))
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION))
                .hasMessageContaining("tunnel.relay")
                .hasMessageContaining("TUNNEL_RELAY");
    }

    @Test
    void theBuilderComesBeforePropertiesBeforeTheEnvironment() {
        environment.put("TUNNEL_RELAY", "ws://environment:1");
        environment.put("TUNNEL_TOKEN", "environment");
        assertThat(of(TunnelAgent.builder())).isEqualTo("ws://environment:1 environment");
        properties.put("tunnel.relay", "wss://property:1");
        properties.put("tunnel.token", "property");
        assertThat(of(TunnelAgent.builder())).isEqualTo("wss://property:1 property");
        assertThat(of(TunnelAgent.builder().relay("http://builder:1").token("builder")))
                .isEqualTo("http://builder:1 builder");
        assertThat(AgentConfig.of(TunnelAgent.builder().options(), lookup).toString())
                .doesNotContain("property ");
    }

    private String of(TunnelAgent.Builder builder) {
        AgentConfig config = AgentConfig.of(builder.options(), lookup);
        return config.relay() + " " + config.token().orElseThrow();
    }
}
