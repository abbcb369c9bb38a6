package io.culvert.tunnel.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page in a real browser: {@code mvn -Pbrowser test -pl integrations/tunnel-inspector -am}. */
@Tag("browser")
class InspectorPageTest {
    private static final String ATTACK = "<img src=x onerror=\"window.attacked=1\"><script>window.attacked=1</script>";

    private static final String PIXEL =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Inspector inspector = Inspector.start();
    private HttpServer service;
    private TunnelRelay relay;
    private TunnelAgent agent;
    private Tunnel tunnel;
    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            byte[] answer;
            if (path.equals("/large")) {
                answer = new byte[10 << 20];
                new Random(1).nextBytes(answer);
            } else if (path.equals("/attack")) {
                answer = ATTACK.getBytes(UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/html");
            } else if (path.equals("/image")) {
                exchange.getResponseHeaders().set("Content-Type", "image/png");
                answer = java.util.Base64.getDecoder().decode(PIXEL);
            } else if (path.equals("/events")) {
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                answer = "event: tick\ndata: one\n\ndata: two\n\n".getBytes(UTF_8);
            } else {
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.getResponseHeaders().set("Set-Cookie", "session=deep-secret");
                answer = "{\"order\":{\"id\":4711,\"paid\":true,\"items\":[\"pump\",\"valve\"]}}".getBytes(UTF_8);
            }
            exchange.sendResponseHeaders(path.equals("/missing") ? 404 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        service.start();
        relay = TunnelRelay.builder().start();
        TunnelAgent.Builder builder = TunnelAgent.builder().relay(relay.uri()).drainTimeout(Duration.ZERO);
        inspector.attachTo(builder);
        agent = builder.build();
        tunnel = agent.expose(TunnelSpec.port(service.getAddress().getPort()));
        browser = new Browser();
    }

    @AfterEach
    void stop() throws Exception {
        browser.close();
        agent.close();
        relay.close();
        inspector.close();
        service.stop(0);
    }

    private void visit(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(tunnel.publicUrl() + path))
                .header("Authorization", "Bearer top-secret")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"wish\":\"" + path + "\"}"))
                .build();
        http.send(request, HttpResponse.BodyHandlers.discarding());
    }

    private void until(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20)).until(condition);
    }

    private void untilDetail(String... parts) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(browser.text("#detail")).contains(parts));
    }

    private int rows() throws Exception {
        return browser.run("return document.querySelectorAll('#rows tr').length")
                .asInt();
    }

    @Test
    void aVisitorsExchangesAppearAndAreRead() throws Exception {
        browser.dark(false);
        browser.open(inspector.uri());
        until(() -> browser.text("#live").equals("recording"));
        browser.picture("inspector-empty-light");
        for (String path :
                new String[] {"/orders?from=2026&page=2", "/missing", "/events", "/attack", "/orders/4711"}) {
            visit(path);
        }
        until(() -> rows() == 5);

        browser.type("j");
        untilDetail("POST /orders/4711", "wish", "paid", "Waiting", "Authorization");
        assertThat(browser.text("#detail")).doesNotContain("top-secret", "deep-secret");
        browser.picture("inspector-busy-light");
        browser.type("s");
        until(() -> browser.text("#detail").contains("top-secret"));
        browser.type("s");
        until(() -> !browser.text("#detail").contains("top-secret"));

        browser.type("j");
        until(() -> browser.text("#detail").contains("<script>"));
        assertThat(browser.run("return window.attacked === undefined").asBoolean())
                .isTrue();
        browser.type("j");
        until(() -> browser.text("#detail").contains("tick"));

        browser.type("jjr");
        until(() -> rows() == 6);
        until(() -> browser.text("#rows").contains("direct"));

        browser.type("/404");
        until(() -> rows() == 1);
        browser.type("\uE00C"); // escape leaves the filter
        browser.run(
                "document.getElementById('filter').value = ''; document.getElementById('filter').dispatchEvent(new Event('input'))");
        until(() -> rows() == 6);

        browser.dark(true);
        browser.picture("inspector-busy-dark");
        browser.type("p");
        until(() -> browser.text("#live").equals("paused"));
        browser.type("x");
        until(() -> rows() == 0);
        browser.picture("inspector-empty-dark");
    }

    @Test
    void anEditedRequestIsSent() throws Exception {
        browser.open(inspector.uri());
        visit("/orders");
        until(() -> rows() == 1);
        browser.type("je");
        until(() -> browser.run("return document.getElementById('edit').open").asBoolean());
        browser.run(
                "document.getElementById('edit-target').value = '/edited?x=1'; document.getElementById('edit-body').value = 'äöü'");
        browser.picture("inspector-edit");
        browser.run("document.getElementById('edit-send').click()");
        until(() -> rows() == 2);
        browser.type("k");
        until(() -> browser.text("#detail").contains("/edited?x=1"));
        until(() -> browser.text("#detail").contains("äöü"));
    }

    @Test
    void aLargeBodyIsShownByItsBeginning() throws Exception {
        browser.open(inspector.uri());
        visit("/large");
        until(() -> rows() == 1);
        browser.type("j");
        untilDetail("Only the first", "10.5 MB");
        browser.dark(true);
        browser.picture("inspector-large-dark");
        browser.dark(false);
        browser.picture("inspector-large-light");
    }

    @Test
    void imagesAreShownAndRequestsAreCopied() throws Exception {
        browser.open(inspector.uri());
        visit("/image");
        until(() -> rows() == 1);
        browser.type("j");
        until(() -> browser.run(
                        "const i = document.querySelector('#detail img'); return i !== null && i.naturalWidth === 1")
                .asBoolean());
        browser.run("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }");
        browser.type("c");
        until(() -> browser.run("return window.copied !== undefined").asBoolean());
        assertThat(browser.run("return window.copied").asText())
                .startsWith("curl")
                .contains("-X 'POST'", tunnel.publicUrl() + "/image", "--data-binary '{\"wish\":\"/image\"}'")
                .doesNotContain("top-secret", "X-Forwarded", "Content-Length");
        assertThat(browser.run("return document.getElementById('har').href").asText())
                .isEqualTo(inspector.uri() + "/api/har");
    }

    @Test
    void messagesAppearAsTheyFlow() throws Exception {
        WebSocketEcho echo = new WebSocketEcho();
        try {
            Tunnel chat = agent.expose(TunnelSpec.port(echo.port()));
            browser.open(inspector.uri());
            WebSocket visitor = http.newWebSocketBuilder()
                    .buildAsync(
                            URI.create("ws" + chat.publicUrl().toString().substring("http".length()) + "/chat"),
                            new WebSocket.Listener() {})
                    .join();
            until(() -> rows() == 1);
            browser.type("j");
            until(() -> browser.text("#detail").contains("101"));
            visitor.sendText("first " + ATTACK, true).join();
            until(() -> messages("up") == 1 && messages("down") == 1);
            untilDetail("first <img");
            assertThat(browser.run("return window.attacked === undefined").asBoolean())
                    .isTrue();
            visitor.sendBinary(java.nio.ByteBuffer.wrap(new byte[] {0, 1, 2, (byte) 0xff}), true)
                    .join();
            until(() -> messages("up") == 2);
            untilDetail("00 01 02 ff");
            browser.picture("inspector-websocket");
            visitor.sendClose(1000, "done").join();
            until(() -> browser.text("#detail").contains("1000 done"));
        } finally {
            echo.close();
        }
    }

    private int messages(String direction) throws Exception {
        return browser.run("return document.querySelectorAll('#detail .message." + direction + "').length")
                .asInt();
    }
}
