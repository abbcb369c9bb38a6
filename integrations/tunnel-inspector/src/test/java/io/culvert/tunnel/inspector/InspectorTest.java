package io.culvert.tunnel.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InspectorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> served = new CopyOnWriteArrayList<>();
    private HttpServer service;
    private TunnelRelay relay;
    private TunnelAgent agent;
    private Tunnel tunnel;
    private Inspector inspector;

    @BeforeEach
    void start() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            served.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " " + new String(body, UTF_8));
            byte[] answer = "{\"hello\":\"you\"}".getBytes(UTF_8);
            if (exchange.getRequestURI().getPath().equals("/zipped")) {
                answer = gzip(answer);
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            }
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("Set-Cookie", "id=deep-secret");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        service.start();
        begin(Inspector.builder());
    }

    private void begin(Inspector.Builder options) {
        inspector = options.start();
        relay = TunnelRelay.builder().start();
        TunnelAgent.Builder builder = TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ZERO);
        inspector.attachTo(builder);
        agent = builder.build();
        tunnel = agent.expose(TunnelSpec.port(service.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        end();
        service.stop(0);
    }

    private void end() {
        agent.close();
        relay.close();
        inspector.close();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes);
        }
        return zipped.toByteArray();
    }

    private void visit(String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(tunnel.publicUrl() + path))
                .header("Authorization", "Bearer top-secret");
        if (body != null) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        assertThat(http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
    }

    private HttpResponse<String> get(String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(inspector.uri() + path));
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String json, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(inspector.uri() + path))
                .POST(HttpRequest.BodyPublishers.ofString(json));
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode complete(long number) throws Exception {
        await().until(() -> {
            HttpResponse<String> answer = get("/api/exchanges/" + number);
            return answer.statusCode() == 200
                    && JSON.readTree(answer.body()).path("state").asText().equals("complete");
        });
        return JSON.readTree(get("/api/exchanges/" + number).body());
    }

    @Test
    void thePageIsServedUnderAStrictPolicy() throws Exception {
        HttpResponse<String> page = get("/");
        assertThat(page.body()).contains("inspector.js").doesNotContain("style=", "onclick=", "http://", "https://");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none'")
                .doesNotContain("unsafe");
        assertThat(get("/inspector.js").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/javascript");
        assertThat(get("/inspector.css").statusCode()).isEqualTo(200);
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void otherSitesAndOtherNamesAreTurnedAway() throws Exception {
        visit("/a", null);
        complete(1);
        assertThat(get("/api/exchanges/1", "Origin", "http://evil.test").statusCode())
                .isEqualTo(403);
        assertThat(get("/api/exchanges/1", "Origin", "null").statusCode()).isEqualTo(403);
        assertThat(get("/api/exchanges/1", "Sec-Fetch-Site", "cross-site").statusCode())
                .isEqualTo(403);
        assertThat(post("/api/clear", "{}", "Origin", "http://evil.test").statusCode())
                .isEqualTo(403);
        assertThat(post("/api/exchanges/1/replay", "{}", "Sec-Fetch-Site", "same-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(get("/api/exchanges/1", "Origin", inspector.uri().toString()).statusCode())
                .isEqualTo(200);
        for (String host :
                List.of("evil.test", "127.0.0.1", "evil.test:" + inspector.uri().getPort())) {
            assertThat(statusFor("Host: " + host)).as(host).contains(" 403 ");
        }
        assertThat(statusFor("Host: localhost:" + inspector.uri().getPort())).contains(" 200 ");
        assertThat(served).hasSize(1);
    }

    private String statusFor(String field) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), inspector.uri().getPort())) {
            socket.getOutputStream()
                    .write(("GET /api/exchanges/1 HTTP/1.1\r\n" + field + "\r\nConnection: close\r\n\r\n")
                            .getBytes(UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
        }
    }

    @Test
    void secretsAreNotSentUntilTheyAreAskedFor() throws Exception {
        visit("/a?q=1", "body of mine");
        complete(1);
        String masked = get("/api/exchanges/1").body();
        assertThat(masked).contains("Authorization", "Set-Cookie").doesNotContain("top-secret", "deep-secret");
        assertThat(get("/api/exchanges/1?reveal=1").body()).contains("top-secret", "deep-secret");
        assertThat(get("/api/har").body()).contains("body of mine").doesNotContain("top-secret", "deep-secret");
        JsonNode detail = JSON.readTree(masked);
        assertThat(detail.path("status").asInt()).isEqualTo(200);
        assertThat(detail.path("target").asText()).isEqualTo("/a?q=1");
        assertThat(get("/api/exchanges/1/request-body").body()).isEqualTo("body of mine");
        HttpResponse<String> body = get("/api/exchanges/1/response-body");
        assertThat(body.body()).isEqualTo("{\"hello\":\"you\"}");
        assertThat(body.headers().firstValue("Content-Type")).contains("application/octet-stream");
    }

    @Test
    void zippedBodiesAreShownPlain() throws Exception {
        visit("/zipped", null);
        complete(1);
        assertThat(get("/api/exchanges/1/response-body").body()).isEqualTo("{\"hello\":\"you\"}");
    }

    @Test
    void aRequestIsSentAgainAsItWas() throws Exception {
        visit("/first", "one");
        complete(1);
        assertThat(post("/api/exchanges/1/replay", "{}").statusCode()).isEqualTo(202);
        assertThat(complete(2).path("transport").asText()).isEqualTo("direct");
        assertThat(served.get(0)).isEqualTo("POST /first Bearer top-secret one");
        assertThat(served.get(1)).isEqualTo("POST /first Bearer top-secret one");
    }

    @Test
    void maskedFieldsOfAnEditedRequestAreTheOnesThatItHad() throws Exception {
        visit("/first", "one");
        complete(1);
        String edited = "{\"method\":\"PUT\",\"target\":\"/second\",\"body\":\"dHdv\",\"fields\":"
                + JSON.readTree(get("/api/exchanges/1").body()).path("request").path("fields") + "}";
        assertThat(post("/api/exchanges/1/replay", edited).statusCode()).isEqualTo(202);
        complete(2);
        assertThat(served).hasSize(2).last().isEqualTo("PUT /second Bearer top-secret two");
    }

    @Test
    void whatWouldSmuggleIsNotSent() throws Exception {
        visit("/a", null);
        complete(1);
        for (String edited : List.of(
                "{\"target\":\"/ HTTP/1.1\\r\\nX: y\"}",
                "{\"method\":\"GET /x\"}",
                "{\"fields\":[{\"name\":\"A\",\"value\":\"b\\r\\nC: d\"}]}",
                "{\"fields\":[{\"name\":\"A b\",\"value\":\"c\"}]}",
                "{\"body\":\"no base64!\"}",
                "{no JSON")) {
            assertThat(post("/api/exchanges/1/replay", edited).statusCode())
                    .as(edited)
                    .isEqualTo(400);
        }
        assertThat(served).hasSize(1);
    }

    @Test
    void changesArePushed() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(inspector.uri() + "/api/events"))
                .build();
        HttpResponse<java.io.InputStream> events = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("event: all");
            String told = lines.readLine();
            while (!told.contains(
                    "\"url\":\"" + tunnel.publicUrl())) { // the inspector hears of it after the application
                told = lines.readLine();
            }
            visit("/pushed", null);
            List<String> seen = new ArrayList<>();
            while (seen.stream().noneMatch(line -> line.contains("/pushed") && line.contains("\"complete\""))) {
                seen.add(lines.readLine());
            }
            assertThat(seen).contains("event: changed");
        }
    }

    @Test
    void clearingForgetsAll() throws Exception {
        visit("/kept", null);
        complete(1);
        post("/api/clear", "{}");
        assertThat(get("/api/exchanges/1").statusCode()).isEqualTo(404);
        visit("/kept-too", null);
        complete(2);
    }

    @Test
    void onlyTheNewestAreKept() throws Exception {
        end();
        begin(Inspector.builder().maxExchanges(3));
        for (int i = 0; i < 6; i++) {
            visit("/" + i, null);
        }
        complete(6);
        assertThat(get("/api/exchanges/3").statusCode()).isEqualTo(404);
        assertThat(get("/api/exchanges/4").statusCode()).isEqualTo(200);
    }

    @Test
    void bodiesAreKeptWithinABound() throws Exception {
        end();
        begin(Inspector.builder().maxKeptBytes(50_000).maxBodyBytes(40_000));
        visit("/large", "x".repeat(100_000));
        JsonNode body = complete(1).path("request").path("body");
        assertThat(body.path("size").asInt()).isEqualTo(100_000);
        assertThat(body.path("kept").asInt()).isEqualTo(40_000);
        assertThat(post("/api/exchanges/1/replay", "{}").statusCode()).isEqualTo(409);
        visit("/another", "y".repeat(30_000));
        complete(2);
        assertThat(get("/api/exchanges/1").statusCode()).isEqualTo(404);
    }
}
