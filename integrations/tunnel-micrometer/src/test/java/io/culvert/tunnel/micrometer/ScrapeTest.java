package io.culvert.tunnel.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay and an agent in one registry, scraped from the relay's admin port. */
class ScrapeTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final MicrometerMetrics metrics = new MicrometerMetrics(registry);
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer service;

    @BeforeEach
    void start() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/missing") ? 404 : 200, -1);
            exchange.close();
        });
        service.start();
    }

    @AfterEach
    void stop() {
        service.stop(0);
    }

    private String get(URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    @ParameterizedTest
    @ValueSource(strings = {"control", "tcp"})
    void whatPassedStandsInTheScrape(String transport) throws Exception {
        try (TunnelRelay relay = TunnelRelay.builder()
                        .metrics(metrics)
                        .admin(a -> a.page("/metrics", "text/plain; version=0.0.4; charset=utf-8", registry::scrape))
                        .start();
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri().toString())
                        .transports(transport)
                        .metrics(metrics)
                        .build();
                Tunnel tunnel =
                        agent.expose(TunnelSpec.port(service.getAddress().getPort()))) {
            URI scrape = relay.adminUri().orElseThrow().resolve("/metrics");
            get(tunnel.publicUrl().resolve("/"));
            get(tunnel.publicUrl().resolve("/missing"));
            await().untilAsserted(() -> assertThat(get(scrape))
                    .contains("\ntunnel_agents 1.0\n")
                    .contains("\ntunnel_tunnels{role=\"agent\"} 1.0\n")
                    .contains("\ntunnel_tunnels{role=\"relay\"} 1.0\n")
                    .contains("\ntunnel_requests_seconds_count{status=\"2xx\",transport=\"" + transport + "\"} 1\n")
                    .contains("\ntunnel_requests_seconds_count{status=\"4xx\",transport=\"" + transport + "\"} 1\n")
                    .contains("tunnel_streams_active{kind=\"http\",role=\"relay\",transport=\"" + transport + "\"}")
                    .contains("tunnel_bytes_total{direction=\"up\",role=\"agent\",transport=\"" + transport + "\"}")
                    .contains("tunnel_link_rtt_seconds_count{role=\"agent\"}")
                    .contains("tunnel_send_queued_bytes{role=\"relay\"}"));
            assertThat(get(scrape)).doesNotContain(tunnel.name());
        }
        await().untilAsserted(() -> assertThat(registry.scrape())
                .contains("\ntunnel_agents 0.0\n")
                .contains("\ntunnel_tunnels{role=\"agent\"} 0.0\n")
                .contains(
                        "\ntunnel_streams_active{kind=\"http\",role=\"relay\",transport=\"" + transport + "\"} 0.0\n"));
    }
}
