package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.Replay;
import io.culvert.tunnel.inspector.Inspector;
import io.culvert.tunnel.testkit.recording.Recorder;
import io.culvert.tunnel.testkit.recording.RequestMatcher;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The testkit's recorder on real traffic. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class RecorderTest {
    private static final int KEPT = 1000;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Recorder recorder = Recorder.builder().maxBodyBytes(KEPT).build();
    private final TransportCase transport;
    private final TunnelRelay relay;
    private final TunnelAgent.Builder options;
    private TunnelAgent agent;

    RecorderTest(TransportCase transport) {
        this.transport = transport;
        TunnelRelay.Builder builder = TunnelRelay.builder().drainTimeout(Duration.ZERO);
        transport.on(builder);
        relay = builder.start();
        options = TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ZERO);
        transport.on(options);
    }

    private Tunnel expose(int port) {
        agent = options.build();
        return agent.expose(TunnelSpec.port(port));
    }

    private Tunnel record(int port) {
        recorder.attachTo(options);
        return expose(port);
    }

    private HttpResponse<String> post(Tunnel tunnel, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(tunnel.publicUrl() + path))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .header("X-Signature", "right")
                        .build(),
                BodyHandlers.ofString());
    }

    @AfterEach
    void stop() {
        if (agent != null) {
            agent.close();
        }
        relay.close();
    }

    @Test
    void requestsAnswersAndWhatIsCutOfTheirBodies() throws Exception {
        try (HttpOrigin origin = HttpOrigin.start()) {
            Tunnel tunnel = record(origin.port());
            post(tunnel, "/method?small", "ping");
            post(tunnel, "/echo", "x".repeat(1_000_000));
            CapturedExchange small = recorder.awaitRequest("POST", "/method");
            assertThat(small.request().field("x-signature")).contains("right");
            assertThat(small.requestBody().text()).isEqualTo("ping");
            assertThat(small.requestBody().isWhole()).isTrue();
            assertThat(recorder.awaitResponse(small).status()).isEqualTo(200);
            assertThat(recorder.awaitEnd(small).responseBody().text()).isEqualTo("POST|ping");
            assertThat(small.state()).isEqualTo(CapturedExchange.State.COMPLETE);
            assertThat(small.transport()).isEqualTo(transport.transport());

            CapturedExchange large = recorder.awaitEnd(recorder.awaitRequest("POST", "/echo"));
            for (CapturedBody body : new CapturedBody[] {large.requestBody(), large.responseBody()}) {
                assertThat(body.isWhole()).isFalse();
                assertThat(body.size()).isEqualTo(1_000_000);
                assertThat(body.text()).isEqualTo("x".repeat(KEPT));
            }
            assertThatThrownBy(() -> recorder.replay(large)).hasMessageContaining("not kept whole");
            assertThatThrownBy(() -> recorder.awaitRequest(RequestMatcher.path("/other"), Duration.ofMillis(1)))
                    .hasMessageContaining("POST /method?small -> 200, 9 bytes, COMPLETE")
                    .hasMessageContaining("POST /echo -> 200, 1000000 bytes, COMPLETE");
        }
    }

    @Test
    void aRequestIsSentAgainAsItWasAndEdited() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
            while (true) {
                String head = c.readHead();
                List<String> fields = RawHttp.fields(head);
                String body = c.readText(Integer.parseInt(
                        RawHttp.values(fields, "Content-Length").get(0)));
                String start = head.substring(0, head.indexOf("\r\n"));
                c.send(RawOrigin.ok(start + " " + RawHttp.values(fields, "X-Signature") + " " + body));
            }
        })) {
            Tunnel tunnel = record(origin.port());
            assertThat(post(tunnel, "/hook", "paid").body()).isEqualTo("POST /hook HTTP/1.1 [right] paid");
            CapturedExchange hook = recorder.awaitRequest("POST", "/hook");
            CapturedExchange again = recorder.replay(hook);
            assertThat(recorder.awaitEnd(again).responseBody().text()).isEqualTo("POST /hook HTTP/1.1 [right] paid");
            assertThat(again.transport()).isEqualTo("direct");
            CapturedExchange edited = recorder.replay(
                    hook,
                    Replay.of(hook)
                            .target("/hook?2")
                            .field("x-signature", "wrong")
                            .body("free"));
            assertThat(recorder.awaitEnd(edited).responseBody().text()).isEqualTo("POST /hook?2 HTTP/1.1 [wrong] free");
            assertThat(recorder.awaitRequests(3, RequestMatcher.path("/hook"))).containsExactly(hook, again, edited);
            agent.close();
            assertThatThrownBy(() -> recorder.replay(hook))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(tunnel.name());
        }
    }

    @Test
    void messagesOfAWebSocket() throws Exception {
        WebSocketClient visitors = new WebSocketClient();
        visitors.start();
        try (WebSocketOrigin origin = WebSocketOrigin.echo()) {
            Tunnel tunnel = record(origin.port());
            WebSocketPeer visitor = new WebSocketPeer.Whole(false);
            visitors.connect(
                    visitor, URI.create("ws" + tunnel.publicUrl().toString().substring("http".length()) + "/chat"));
            visitor.session().sendText("hello", Callback.NOOP);
            assertThat(recorder.awaitMessage(Direction.UP, "hello").whole()).isTrue();
            assertThat(recorder.awaitMessage(Direction.DOWN, "hello").kind()).isEqualTo(CapturedMessage.Kind.TEXT);
            CapturedExchange socket = recorder.awaitRequest("GET", "/chat");
            assertThat(recorder.awaitResponse(socket).status()).isEqualTo(101);
            visitor.session().close(1000, "done", Callback.NOOP);
            assertThat(recorder.awaitMessage(message -> message.closeCode() == 1000)
                            .text())
                    .isEqualTo("done");
            recorder.awaitEnd(socket);
        } finally {
            visitors.stop();
        }
    }

    /** Each event is sent when the visitor has the one before, while a capture of the user's stands still. */
    @Test
    void eventsPassWhileNobodyRecords() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Semaphore next = new Semaphore(1);
        recorder.attachTo(options.capture(Capture.to(exchange -> await(over))));
        try (RawOrigin origin = RawOrigin.start(c -> {
            c.readHead();
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 5; i++) {
                if (!next.tryAcquire(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("The visitor has not got event " + i);
                }
                c.send("9\r\ndata: " + i + "\n\n\r\n");
            }
            c.send("0\r\n\r\n");
        })) {
            Tunnel tunnel = expose(origin.port());
            try (RawHttp visitor = RawHttp.connect(tunnel.publicUrl().getPort())) {
                visitor.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n").readHead();
                for (int i = 0; i < 5; i++) {
                    assertThat(visitor.readChunk()).asString(UTF_8).isEqualTo("data: " + i + "\n\n");
                    next.release();
                }
            }
            assertThat(recorder.exchanges()).isEmpty();
            over.countDown();
            CapturedExchange events = recorder.awaitEnd(recorder.awaitRequest("GET", "/events"));
            assertThat(events.responseBody().text()).startsWith("data: 0\n\ndata: 1\n\n");
        } finally {
            over.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aLargeDownloadIsCountedAndNotKept() throws Exception {
        Bulk bulk = new Bulk(48 << 20);
        try (HttpOrigin origin = HttpOrigin.start()) {
            Tunnel tunnel = record(origin.port());
            HttpRequest request = HttpRequest.newBuilder(URI.create(tunnel.publicUrl() + "/download?" + bulk.length()))
                    .build();
            assertThat(Bulk.checksum(
                            http.send(request, BodyHandlers.ofInputStream()).body()))
                    .isEqualTo(bulk.checksum());
            CapturedExchange download = recorder.awaitEnd(recorder.awaitRequest("GET", "/download"));
            assertThat(download.keptBytes()).isLessThanOrEqualTo(KEPT);
            if (download.state() == CapturedExchange.State.COMPLETE) {
                assertThat(download.responseBytes()).isEqualTo(bulk.length());
            } else {
                assertThat(download.problem()).isPresent(); // it came faster than it could be understood
            }
        }
    }

    @Test
    void aCaptureOfTheUsersAndTheInspectorHearAsWell() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        try (HttpOrigin origin = HttpOrigin.start();
                Inspector inspector = Inspector.start()) {
            inspector.attachTo(options);
            recorder.attachTo(options);
            options.capture(Capture.to(exchange -> heard.countDown()));
            Tunnel tunnel = expose(origin.port());
            post(tunnel, "/method", "");
            recorder.awaitEnd(recorder.awaitRequest("POST", "/method"));
            assertThat(heard.await(30, TimeUnit.SECONDS)).isTrue();
            String page = http.send(
                            HttpRequest.newBuilder(inspector.uri().resolve("/api/har"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            assertThat(page).contains("/method");
        }
    }

    @Test
    void whatIsClearedDoesNotComeBack() throws Exception {
        try (HttpOrigin origin = HttpOrigin.start()) {
            Tunnel tunnel = record(origin.port());
            post(tunnel, "/method?1", "");
            recorder.awaitEnd(recorder.awaitRequest("POST", "/method"));
            recorder.clear();
            post(tunnel, "/method?2", "");
            assertThat(recorder.awaitRequest("POST", "/method").request().target())
                    .isEqualTo("/method?2");
        }
    }
}
