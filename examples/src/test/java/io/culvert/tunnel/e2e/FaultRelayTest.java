package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.testkit.fault.ConnectionKind;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults that take the link of an agent: each returns after it was lost and, where it comes back, after it is back. */
@ParameterizedClass
@EnumSource(
        value = TransportCase.class,
        names = {"CONTROL", "TCP"})
class FaultRelayTest {
    private final TransportCase transport;
    private final List<TunnelState> states = new CopyOnWriteArrayList<>();
    private HttpOrigin origin;
    private FaultRelay relay;
    private TunnelAgent agent;
    private Tunnel tunnel;

    FaultRelayTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        origin = HttpOrigin.start();
    }

    private void start(TunnelRelay.Builder options, TunnelSpec spec, String token) {
        transport.on(options);
        relay = FaultRelay.start(options, 1);
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .token(token)
                .drainTimeout(Duration.ZERO)
                .listener((which, state, cause) -> states.add(state));
        relay.attachTo(builder);
        transport.on(builder);
        agent = builder.build();
        tunnel = agent.expose(spec);
        states.clear();
    }

    private void start(TunnelRelay.Builder options) {
        start(options, TunnelSpec.port(origin.port()), "");
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.close();
        }
        if (relay != null) {
            relay.close();
        }
        origin.close();
    }

    private int status() throws IOException {
        return status(tunnel.publicUrl().getAuthority());
    }

    private int status(String host) throws IOException {
        try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
            return visitor.send("GET /method HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .readResponse()
                    .status();
        }
    }

    private void wasAwayAndIsBack() throws IOException {
        assertThat(states).containsExactly(TunnelState.CONNECTING, TunnelState.OPEN);
        assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
        assertThat(status()).isEqualTo(200);
    }

    @Test
    void aRestartIsOverWhenEveryTunnelIsBackAtItsAddress() throws Exception {
        start(TunnelRelay.builder());
        URI before = tunnel.publicUrl();
        int port = relay.port();
        relay.restart();
        wasAwayAndIsBack();
        assertThat(tunnel.publicUrl()).isEqualTo(before);
        assertThat(relay.port()).isEqualTo(port);
        assertThat(relay.tunnels()).containsValue(before);
        states.clear();
        relay.restart();
        wasAwayAndIsBack();
    }

    @Test
    void aRestartKeepsNamesAndTokens() throws Exception {
        start(
                TunnelRelay.builder()
                        .domain("example.test")
                        .authenticator(token ->
                                token.equals("secret") ? Optional.of(new AgentIdentity("ci")) : Optional.empty()),
                TunnelSpec.builder(origin.port()).name("demo").build(),
                "secret");
        relay.restart();
        wasAwayAndIsBack();
        assertThat(status("demo.example.test")).isEqualTo(200);
    }

    @Test
    void visitorsOfARelayThatStoppedAreRefusedUntilItStarts() throws Exception {
        start(TunnelRelay.builder());
        try (WebSocketOrigin chat = WebSocketOrigin.echo()) {
            Tunnel chatting = agent.expose(TunnelSpec.port(chat.port()));
            WebSocketClient visitors = new WebSocketClient();
            visitors.start();
            try {
                WebSocketPeer visitor = new WebSocketPeer.Whole(false);
                visitors.connect(
                        visitor,
                        URI.create("ws" + chatting.publicUrl().toString().substring("http".length())));
                visitor.session().sendText("hello", Callback.NOOP);
                assertThat(visitor.next()).isEqualTo("hello");
                states.clear();
                relay.stop();
                assertThat(states).containsExactly(TunnelState.CONNECTING, TunnelState.CONNECTING);
                visitor.closed();
                assertThatThrownBy(this::status).isInstanceOf(ConnectException.class);
                assertThatThrownBy(relay::stop).isInstanceOf(IllegalStateException.class);
                assertThat(relay.tunnels()).isEmpty();
                relay.start();
                assertThat(chatting.state()).isEqualTo(TunnelState.OPEN);
                assertThat(status()).isEqualTo(200);
            } finally {
                visitors.stop();
            }
        }
    }

    @Test
    void aDroppedControlChannelIsBack() throws Exception {
        start(TunnelRelay.builder());
        relay.dropControl();
        wasAwayAndIsBack();
        assertThat(relay.network().open(ConnectionKind.CONTROL)).isEqualTo(1);
    }

    @Test
    void aSilentControlChannelIsNoticedAndReplaced() throws Exception {
        start(TunnelRelay.builder().pingInterval(Duration.ofMillis(500)));
        relay.silenceControl();
        assertThat(states).startsWith(TunnelState.CONNECTING, TunnelState.OPEN);
        // A busy machine may be silent for as long by itself, and the link lost once more.
        await().atMost(Duration.ofSeconds(30)).until(() -> status() == 200);
    }

    @Test
    void resetMendsWhatAFaultBroke() throws Exception {
        start(TunnelRelay.builder());
        relay.network().onConnections().halfOpen();
        try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
            visitor.send("GET /method HTTP/1.1\r\nHost: h\r\n\r\n");
            relay.network().onConnections().refuse();
            relay.reset();
        }
        assertThat(tunnel.state()).isEqualTo(TunnelState.OPEN);
        assertThat(status()).isEqualTo(200);
    }

    @Test
    void resetStartsARelayThatStopped() throws Exception {
        start(TunnelRelay.builder());
        relay.stop();
        relay.reset();
        wasAwayAndIsBack();
        relay.reset();
        assertThat(states).hasSize(2);
    }

    @Test
    void faultsInStreamsOutliveARestart() throws Exception {
        start(TunnelRelay.builder());
        relay.streams().onRequests(head -> head.path().equals("/method")).refuse();
        relay.restart();
        assertThat(status()).isEqualTo(502);
        relay.reset();
        assertThat(status()).isEqualTo(200);
    }

    @Test
    void withoutATunnelThereIsNoLinkToLose() throws Exception {
        start(TunnelRelay.builder());
        tunnel.close();
        agent.close();
        assertThatThrownBy(() -> relay.dropControl())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("attachTo");
        relay.restart();
    }

    @Test
    void itClosesClean() throws Exception {
        Leaks before = Leaks.from();
        start(TunnelRelay.builder());
        assertThat(status()).isEqualTo(200);
        relay.restart();
        agent.close();
        relay.close();
        relay.close();
        before.assertNone(1, "http-origin");
        assertThatThrownBy(() -> relay.start()).hasMessageContaining("closed");
    }
}
