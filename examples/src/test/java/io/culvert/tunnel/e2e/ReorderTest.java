package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.testkit.fault.ConnectionKind;
import io.culvert.tunnel.testkit.fault.Fault;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code WebSocketUpgrade}, {@code WebSocketReady} and the data connection's bytes arrive in any order, with a real agent and relay. */
class ReorderTest {
    @ParameterizedTest
    @CsvSource({
        "DATA, DOWN, TCP",
        "DATA, UP, TCP",
        "CONTROL, DOWN, TCP",
        "CONTROL, UP, TCP",
        "DATA, DOWN, TCP_WITHOUT_SLOTS",
        "DATA, UP, TCP_WITHOUT_SLOTS",
        "CONTROL, DOWN, TCP_WITHOUT_SLOTS",
        "CONTROL, UP, TCP_WITHOUT_SLOTS"
    })
    void webSocketsOpenAndEcho(ConnectionKind first, Direction direction, TransportCase transport) throws Exception {
        TunnelRelay.Builder options = TunnelRelay.builder();
        transport.on(options);
        WebSocketClient visitors = new WebSocketClient();
        visitors.start();
        try (WebSocketOrigin origin = WebSocketOrigin.echo();
                FaultRelay relay = FaultRelay.start(options, 1)) {
            TunnelAgent.Builder builder = TunnelAgent.builder().drainTimeout(Duration.ZERO);
            relay.attachTo(builder);
            transport.on(builder);
            try (TunnelAgent agent = builder.build()) {
                Tunnel tunnel = agent.expose(TunnelSpec.port(origin.port()));
                Fault fault = relay.network().reorder(first, direction);
                WebSocketPeer visitor = new WebSocketPeer.Whole(false);
                visitors.connect(
                        visitor, URI.create("ws" + tunnel.publicUrl().toString().substring("http".length())));
                visitor.session().sendText("hello", Callback.NOOP);
                assertThat(visitor.next()).isEqualTo("hello");
                assertThat(fault.hits()).isPositive();
                visitor.session().close(1000, "done", Callback.NOOP);
                assertThat(visitor.closed().code()).isEqualTo(1000);
            }
        } finally {
            visitors.stop();
        }
    }
}
