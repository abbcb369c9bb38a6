package io.culvert.tunnel.inspector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.overview.RelayOverview;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The relay's overview in a real browser: {@code mvn -Pbrowser test -pl integrations/tunnel-inspector -am}. */
@Tag("browser")
class OverviewPageTest {
    private final HttpClient http = HttpClient.newHttpClient();

    private void until(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30)).until(condition);
    }

    private void visit(URI uri) throws Exception {
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
    }

    @Test
    void tunnelsRatesAndErrorsAppear() throws Exception {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            byte[] answer = new byte[20_000];
            exchange.sendResponseHeaders(
                    exchange.getRequestURI().getPath().equals("/missing") ? 404 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        service.start();
        try (Browser browser = new Browser();
                RelayOverview overview = RelayOverview.start(TunnelMetrics.NOOP);
                TunnelRelay relay = TunnelRelay.builder()
                        .metrics(overview.metrics())
                        .admin(overview::addTo)
                        .drainTimeout(Duration.ZERO)
                        .start()) {
            overview.show(relay);
            browser.dark(false);
            browser.open(relay.adminUri().orElseThrow());
            until(() -> browser.text("#live").equals("live"));
            assertThat(browser.text("#nothing")).contains("No agent");
            browser.picture("overview-empty-light");

            try (TunnelAgent agent = TunnelAgent.builder()
                            .relay(relay.uri())
                            .drainTimeout(Duration.ZERO)
                            .build();
                    Tunnel shop =
                            agent.expose(TunnelSpec.builder(service.getAddress().getPort())
                                    .name("shop")
                                    .build());
                    Tunnel away =
                            agent.expose(TunnelSpec.builder(1).name("away").build())) {
                until(() -> {
                    for (int i = 0; i < 20; i++) {
                        visit(shop.publicUrl());
                    }
                    visit(shop.publicUrl().resolve("/missing"));
                    visit(away.publicUrl());
                    visit(URI.create("http://127.0.0.1:" + relay.port() + "/"));
                    return browser.run("return document.querySelectorAll('#plot-requests polyline').length === 1"
                                    + " && document.querySelector('#plot-requests polyline').points.length >= 6")
                            .asBoolean();
                });
                until(() -> browser.text("#rows").contains("shop")
                        && browser.text("#errors").contains("local-refused"));
                assertThat(browser.text("#agents")).isEqualTo("1");
                assertThat(browser.text("#tunnels")).isEqualTo("2");
                assertThat(browser.text("#answers")).contains("2xx", "4xx", "5xx");
                assertThat(browser.text("#errors")).contains("unknown-tunnel");
                browser.picture("overview-busy-light");
                browser.dark(true);
                browser.picture("overview-busy-dark");
                browser.type("t");
                assertThat(browser.run("return document.documentElement.dataset.theme")
                                .asText())
                        .isEqualTo("light");
            }
            until(() ->
                    browser.text("#agents").equals("0") && browser.text("#rows").isBlank());
            browser.type("t");
            browser.picture("overview-empty-dark");
            relay.close();
            until(() -> browser.text("#live").contains("does not answer"));
        } finally {
            service.stop(0);
        }
    }
}
