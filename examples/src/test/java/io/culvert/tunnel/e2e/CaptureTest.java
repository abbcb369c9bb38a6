package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedExchange.State;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.jetty.JettyTunnels;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What an agent captures of real traffic. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class CaptureTest {
    private final TransportCase transport;
    private final TunnelRelay relay;
    private final List<CapturedExchange> exchanges = new CopyOnWriteArrayList<>();
    private TunnelAgent agent;

    CaptureTest(TransportCase transport) {
        this.transport = transport;
        TunnelRelay.Builder builder = TunnelRelay.builder().drainTimeout(Duration.ZERO);
        transport.on(builder);
        relay = builder.start();
    }

    private Tunnel expose(TunnelSpec spec, Capture capture) {
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .relay(relay.uri())
                .drainTimeout(Duration.ZERO)
                .capture(capture);
        transport.on(builder);
        agent = builder.build();
        return agent.expose(spec);
    }

    private void keep(CapturedExchange exchange) {
        if (exchanges.stream().noneMatch(known -> known == exchange)) {
            exchanges.add(exchange);
        }
    }

    private CapturedExchange await1(State state) {
        await().until(() -> !exchanges.isEmpty() && exchanges.get(0).state() == state);
        return exchanges.get(0);
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.close();
        }
        relay.close();
    }

    @Test
    void requestsAndAnswers() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(head -> RawOrigin.ok("answer"))) {
            Tunnel tunnel = expose(TunnelSpec.port(origin.port()), Capture.to(this::keep));
            try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
                visitor.send("GET /x?y=1 HTTP/1.1\r\nHost: h\r\n\r\n").readResponse();
            }
            CapturedExchange exchange = await1(State.COMPLETE);
            assertThat(exchange.request().target()).isEqualTo("/x?y=1");
            assertThat(exchange.request().field("X-Forwarded-For")).contains("127.0.0.1");
            assertThat(exchange.responseBody().bytes()).isEqualTo("answer".getBytes(UTF_8));
            assertThat(exchange.transport()).isEqualTo(transport.transport());
            assertThat(exchange.tunnel()).isEqualTo(tunnel.name());
        }
    }

    @Test
    void aServiceInsideTheProcess() throws Exception {
        Server server = new Server();
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Content.copy(request, response, callback);
                return true;
            }
        });
        server.start();
        try {
            Tunnel tunnel =
                    expose(TunnelSpec.builder(JettyTunnels.service(server)).build(), Capture.to(this::keep));
            try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
                visitor.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nping")
                        .readResponse();
            }
            CapturedExchange exchange = await1(State.COMPLETE);
            assertThat(exchange.requestBody().bytes()).isEqualTo("ping".getBytes(UTF_8));
            assertThat(exchange.responseBody().bytes()).isEqualTo("ping".getBytes(UTF_8));
        } finally {
            agent.close();
            server.stop();
        }
    }

    @Test
    void webSockets() throws Exception {
        WebSocketClient visitors = new WebSocketClient();
        visitors.start();
        try (WebSocketOrigin origin = WebSocketOrigin.echo()) {
            Tunnel tunnel = expose(TunnelSpec.port(origin.port()), Capture.to(this::keep));
            WebSocketPeer visitor = new WebSocketPeer.Whole(false);
            visitors.connect(
                    visitor, URI.create("ws" + tunnel.publicUrl().toString().substring("http".length()) + "/chat"));
            visitor.session().sendText("hello hello hello", org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(visitor.next()).isEqualTo("hello hello hello");
            visitor.session().close(1000, "done", org.eclipse.jetty.websocket.api.Callback.NOOP);
            visitor.closed();
            List<CapturedMessage> messages = await1(State.COMPLETE).messages();
            assertThat(messages.get(0).direction()).isEqualTo(Direction.UP);
            assertThat(messages.get(0).text()).isEqualTo("hello hello hello");
            assertThat(messages.get(1).direction()).isEqualTo(Direction.DOWN);
            assertThat(messages.get(1).text()).isEqualTo("hello hello hello");
            assertThat(messages.get(2).closeCode()).isEqualTo(1000);
        } finally {
            visitors.stop();
        }
    }

    @Test
    void aListenerThatStandsStillHoldsNothingUp() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Capture capture = Capture.builder(exchange -> {
                    keep(exchange);
                    try {
                        over.await(60, TimeUnit.SECONDS);
                    } catch (InterruptedException x) {
                        Thread.currentThread().interrupt();
                    }
                })
                .maxPendingBytes(100_000)
                .build();
        byte[] body = new byte[4 << 20];
        try (HttpOrigin origin = HttpOrigin.start()) {
            Tunnel tunnel = expose(TunnelSpec.port(origin.port()), capture);
            try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
                for (int i = 0; i < 2; i++) {
                    visitor.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n");
                    Thread writer = new Thread(() -> visitor.sendAll(new java.io.ByteArrayInputStream(body)));
                    writer.start();
                    assertThat(visitor.readResponse().status()).isEqualTo(200);
                    writer.join();
                }
            }
            over.countDown();
            assertThat(await1(State.CUT).problem()).isPresent();
        }
    }
}
