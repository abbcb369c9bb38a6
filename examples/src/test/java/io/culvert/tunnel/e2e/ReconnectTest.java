package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What visitors and applications see when the link breaks and comes back. */
class ReconnectTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocketClient webSockets = new WebSocketClient();
    private final List<TunnelState> states = new CopyOnWriteArrayList<>();
    private WebSocketOrigin webSocketOrigin;
    private HttpOrigin httpOrigin;

    @BeforeEach
    void start() throws Exception {
        webSocketOrigin = WebSocketOrigin.echo();
        httpOrigin = HttpOrigin.start();
        webSockets.start();
    }

    @AfterEach
    void stop() throws Exception {
        webSockets.stop();
        httpOrigin.close();
        webSocketOrigin.close();
    }

    private TunnelAgent agent(URI relay, TransportCase transport) {
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .relay(relay)
                .drainTimeout(Duration.ZERO)
                .listener((tunnel, state, cause) -> states.add(state));
        transport.on(builder);
        return builder.build();
    }

    private CompletableFuture<HttpResponse<String>> get(URI url) {
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/method")).build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }

    private static URI webSocket(Tunnel tunnel) {
        return URI.create("ws" + tunnel.publicUrl().toString().substring("http".length()));
    }

    private void awaitBack(Tunnel tunnel) {
        await().atMost(PATIENCE).until(() -> states.contains(TunnelState.CONNECTING));
        await().atMost(PATIENCE).until(() -> tunnel.state() == TunnelState.OPEN);
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"TCP", "TCP_WITHOUT_SLOTS"})
    void webSocketsOverTcpSurviveTheLossOfTheControlChannel(TransportCase transport) throws Exception {
        TunnelRelay.Builder builder = TunnelRelay.builder().drainTimeout(Duration.ZERO);
        transport.on(builder);
        try (TunnelRelay relay = builder.start();
                Forwarder between = Forwarder.to(relay.port());
                TunnelAgent agent = agent(between.relay(), transport)) {
            Tunnel tunnel = agent.expose(TunnelSpec.port(webSocketOrigin.port()));
            URI before = tunnel.publicUrl();
            WebSocketPeer visitor = new WebSocketPeer.Whole(false);
            webSockets.connect(visitor, webSocket(tunnel));
            visitor.session().sendText("one", org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(visitor.next()).isEqualTo("one");
            between.cutOldest();
            visitor.session().sendText("two", org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(visitor.next()).isEqualTo("two");
            awaitBack(tunnel);
            visitor.session().sendText("three", org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(visitor.next()).isEqualTo("three");
            assertThat(tunnel.publicUrl()).isEqualTo(before);
            WebSocketPeer later = new WebSocketPeer.Whole(false);
            webSockets.connect(later, webSocket(tunnel));
            later.session().sendText("four", org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(later.next()).isEqualTo("four");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP", "TCP_WITHOUT_SLOTS"})
    void requestsWaitForAnAgentThatIsOnItsWayBack(TransportCase transport) throws Exception {
        TunnelRelay.Builder builder =
                TunnelRelay.builder().drainTimeout(Duration.ZERO).graceTime(PATIENCE);
        transport.on(builder);
        try (TunnelRelay relay = builder.start();
                Forwarder between = Forwarder.to(relay.port());
                TunnelAgent agent = agent(between.relay(), transport)) {
            Tunnel tunnel = agent.expose(TunnelSpec.port(httpOrigin.port()));
            assertThat(get(tunnel.publicUrl()).join().statusCode()).isEqualTo(200);
            between.cutAll();
            await().atMost(PATIENCE).until(() -> states.contains(TunnelState.CONNECTING));
            CompletableFuture<HttpResponse<String>> waiting = get(tunnel.publicUrl());
            between.restore();
            assertThat(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void anAgentThatStaysAwayIs503() throws Exception {
        try (TunnelRelay relay = TunnelRelay.builder()
                        .domain("example.test")
                        .drainTimeout(Duration.ZERO)
                        .graceTime(Duration.ofMillis(300))
                        .start();
                Forwarder between = Forwarder.to(relay.port());
                TunnelAgent agent = agent(between.relay(), TransportCase.TCP)) {
            agent.expose(TunnelSpec.builder(httpOrigin.port()).name("demo").build());
            between.cutAll();
            await().atMost(PATIENCE).until(() -> states.contains(TunnelState.CONNECTING));
            await().atMost(PATIENCE).until(() -> relay.tunnels().isEmpty());
            try (RawHttp visitor = RawHttp.connect(relay.port())) {
                visitor.send("GET /method HTTP/1.1\r\nHost: demo.example.test\r\n\r\n");
                RawHttp.Response answer = visitor.readResponse();
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.field("Tunnel-Error")).isEqualTo("agent-away");
                assertThat(answer.field("Retry-After")).isNotBlank();
            }
            between.restore();
            await().atMost(PATIENCE).until(() -> relay.tunnels().containsKey("demo"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void anAgentComesBackToARelayThatWasRestarted(TransportCase transport) throws Exception {
        TunnelRelay.Builder first = TunnelRelay.builder().domain("example.test").drainTimeout(Duration.ZERO);
        transport.on(first);
        TunnelRelay relay = first.start();
        try (Forwarder between = Forwarder.to(relay.port());
                TunnelAgent agent = agent(between.relay(), transport)) {
            Tunnel tunnel = agent.expose(
                    TunnelSpec.builder(httpOrigin.port()).name("demo").build());
            URI before = tunnel.publicUrl();
            relay.close();
            await().atMost(PATIENCE).until(() -> states.contains(TunnelState.CONNECTING));
            relay = TunnelRelay.builder()
                    .domain("example.test")
                    .port(relay.port())
                    .drainTimeout(Duration.ZERO)
                    .start();
            await().atMost(PATIENCE).until(() -> tunnel.state() == TunnelState.OPEN);
            assertThat(tunnel.publicUrl()).isEqualTo(before);
            try (RawHttp visitor = RawHttp.connect(relay.port())) {
                visitor.send("GET /method HTTP/1.1\r\nHost: demo.example.test\r\n\r\n");
                assertThat(visitor.readResponse().status()).isEqualTo(200);
            }
        } finally {
            relay.close();
        }
    }
}
