package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Plain HTTP through the tunnel as programs use it: methods, bodies up and down, reuse of streams. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class HttpTunnelTest {
    private static final long LARGE = Long.getLong("culvert.test.largeMiB", 64) << 20;

    private final TransportCase transport;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpOrigin origin;
    private Rig rig;

    HttpTunnelTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws Exception {
        origin = HttpOrigin.start();
        rig = Rig.start(transport, origin.port());
    }

    @AfterEach
    void stop() {
        rig.close();
        origin.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(rig.url(path));
    }

    private String text(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    @Test
    void usesTheChosenTransport() {
        assertThat(rig.tunnel.transport()).isEqualTo(transport.transport());
        assertThat(rig.tunnel.publicUrl().toString()).matches("http://127\\.0\\.0\\.1:\\d+");
    }

    @Test
    void carriesEveryMethodWithItsBody() throws Exception {
        for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "X-OWN")) {
            HttpRequest.BodyPublisher body =
                    method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("body of " + method);
            String expected = method + "|" + (method.equals("GET") ? "" : "body of " + method);
            assertThat(text(request("/method").method(method, body).build())).isEqualTo(expected);
        }
    }

    @Test
    void uploadsALargeBody() throws Exception {
        Bulk bulk = new Bulk(LARGE);
        HttpRequest.BodyPublisher body =
                BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(bulk::stream), bulk.length());
        assertThat(text(request("/upload").POST(body).build())).isEqualTo(bulk.length() + " " + bulk.checksum());
    }

    @Test
    void uploadsALargeBodyOfUnknownLength() throws Exception {
        Bulk bulk = new Bulk(LARGE / 4);
        HttpRequest.BodyPublisher body = BodyPublishers.ofInputStream(bulk::stream);
        assertThat(text(request("/upload").PUT(body).build())).isEqualTo(bulk.length() + " " + bulk.checksum());
    }

    @Test
    void downloadsALargeBody() throws Exception {
        Bulk bulk = new Bulk(LARGE);
        HttpResponse<InputStream> response =
                client.send(request("/download?" + bulk.length()).build(), BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(bulk.length());
        assertThat(Bulk.checksum(response.body())).isEqualTo(bulk.checksum());
    }

    @Test
    void downloadsALargeBodyOfUnknownLength() throws Exception {
        Bulk bulk = new Bulk(LARGE / 4);
        HttpResponse<InputStream> response =
                client.send(request("/download-chunked?" + bulk.length()).build(), BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("Content-Length")).isEmpty();
        assertThat(Bulk.checksum(response.body())).isEqualTo(bulk.checksum());
    }

    @Test
    void carriesBothDirectionsAtOnce() throws Exception {
        Bulk bulk = new Bulk(LARGE / 4);
        try (RawHttp visitor = rig.visit()) {
            visitor.send(
                    "POST /echo HTTP/1.1\r\nHost: " + rig.host() + "\r\nContent-Length: " + bulk.length() + "\r\n\r\n");
            CompletableFuture<Void> upload = CompletableFuture.runAsync(() -> visitor.sendAll(bulk.stream()));
            byte[] echoed = visitor.readResponse().body();
            upload.get(30, TimeUnit.SECONDS);
            assertThat(Bulk.checksum(new ByteArrayInputStream(echoed))).isEqualTo(bulk.checksum());
        }
    }

    @Test
    void reusesOneStreamForSequentialRequests() throws Exception {
        try (RawHttp visitor = rig.visit()) {
            String head = "POST /method HTTP/1.1\r\nHost: " + rig.host() + "\r\nContent-Length: 3\r\n\r\n";
            for (int i = 100; i < 150; i++) {
                assertThat(visitor.send(head + i).readResponse().text()).isEqualTo("POST|" + i);
            }
        }
        // A visitor may be back before the stream that answered is: then one more opens, but never one for each
        // request.
        long streams = rig.relayMetrics.opened(StreamKind.HTTP);
        assertThat(streams).isBetween(1L, 5L);
        assertThat(rig.agentMetrics.opened(StreamKind.HTTP)).isEqualTo(streams);
        assertThat(rig.tunnel.stats().totalStreams()).isEqualTo(streams);
    }

    @Test
    void answersManyVisitorsAtOnce() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            HttpRequest request = request("/method")
                    .POST(BodyPublishers.ofString("visitor " + i))
                    .build();
            responses.add(client.sendAsync(request, BodyHandlers.ofString()));
        }
        for (int i = 0; i < responses.size(); i++) {
            HttpResponse<String> response = responses.get(i).get(30, TimeUnit.SECONDS);
            assertThat(response.body()).isEqualTo("POST|visitor " + i);
        }
    }

    @Test
    void bothRolesRecordTheSameBytes() throws Exception {
        for (int i = 0; i < 3; i++) {
            text(request("/method")
                    .POST(BodyPublishers.ofString("x".repeat(100_000)))
                    .build());
        }
        await().untilAsserted(() -> {
            for (Direction direction : Direction.values()) {
                long counted = rig.relayMetrics.bytes(StreamKind.HTTP, direction);
                assertThat(counted).isGreaterThan(300_000);
                assertThat(rig.agentMetrics.bytes(StreamKind.HTTP, direction)).isEqualTo(counted);
                assertThat(rig.agentMetrics.bytes(StreamKind.UPGRADE, direction))
                        .isZero();
            }
        });
    }

    @Test
    void answersWithAndWithoutBodies() throws Exception {
        try (RawHttp visitor = rig.visit()) {
            visitor.send("HEAD /download?12345 HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
            assertThat(visitor.readResponse("HEAD").field("Content-Length")).isEqualTo("12345");
            for (int status : new int[] {204, 304}) {
                visitor.send("GET /status?" + status + " HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
                RawHttp.Response response = visitor.readResponse();
                assertThat(response.status()).isEqualTo(status);
                assertThat(response.values("Transfer-Encoding")).isEmpty();
            }
            visitor.send("GET /status?404 HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
            RawHttp.Response response = visitor.readResponse();
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.values("Tunnel-Error")).isEmpty();
            visitor.send("GET /method HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n");
            assertThat(visitor.readResponse().body()).isEqualTo("GET|".getBytes(UTF_8));
        }
    }
}
