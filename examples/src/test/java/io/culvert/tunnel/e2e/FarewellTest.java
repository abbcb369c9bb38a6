package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A WebSocket that outlives the drain time hears 1001 at both ends. */
class FarewellTest {
    private static final Duration SHORT = Duration.ofMillis(400);

    /** The last quarter is for the farewell, and has to do on a busy machine. */
    private static final Duration OF_THE_AGENT = Duration.ofSeconds(4);

    private final WebSocketClient visitors = new WebSocketClient();
    private WebSocketOrigin origin;

    @BeforeEach
    void start() throws Exception {
        origin = WebSocketOrigin.echo();
        visitors.start();
    }

    @AfterEach
    void stop() throws Exception {
        visitors.stop();
        origin.close();
    }

    private void assertFarewell(TransportCase transport, boolean relayCloses) throws Exception {
        TunnelRelay.Builder relayBuilder = TunnelRelay.builder().drainTimeout(SHORT);
        transport.on(relayBuilder);
        try (TunnelRelay relay = relayBuilder.start()) {
            TunnelAgent.Builder agentBuilder =
                    TunnelAgent.builder().relay(relay.uri()).drainTimeout(OF_THE_AGENT);
            transport.on(agentBuilder);
            try (TunnelAgent agent = agentBuilder.build()) {
                URI url = agent.expose(TunnelSpec.port(origin.port())).publicUrl();
                WebSocketPeer visitor = new WebSocketPeer.Whole(false);
                visitors.connect(visitor, URI.create("ws" + url.toString().substring("http".length())));
                visitor.session().sendText("before", org.eclipse.jetty.websocket.api.Callback.NOOP);
                assertThat(visitor.next()).isEqualTo("before");
                if (relayCloses) {
                    relay.close();
                } else {
                    agent.close();
                }
                assertThat(visitor.closed().code()).isEqualTo(1001);
                assertThat(origin.nextPeer().closed().code()).isEqualTo(1001);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TransportCase.class)
    void whenTheRelayCloses(TransportCase transport) throws Exception {
        assertFarewell(transport, true);
    }

    @ParameterizedTest
    @EnumSource(TransportCase.class)
    void whenTheAgentCloses(TransportCase transport) throws Exception {
        assertFarewell(transport, false);
    }
}
