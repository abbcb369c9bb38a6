package io.culvert.tunnel.overview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockingDetails;
import static org.mockito.Mockito.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayOverviewTest {
    private final HttpClient http = HttpClient.newHttpClient();

    private HttpResponse<String> get(URI uri) throws Exception {
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void thePageHasWhatHappenedAtTheRelay() throws Exception {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        service.start();
        TunnelMetrics next = mock(TunnelMetrics.class);
        try (RelayOverview overview = RelayOverview.start(next);
                TunnelRelay relay = TunnelRelay.builder()
                        .metrics(overview.metrics())
                        .admin(overview::addTo)
                        .drainTimeout(Duration.ZERO)
                        .start();
                TunnelAgent agent = TunnelAgent.builder()
                        .relay(relay.uri())
                        .drainTimeout(Duration.ZERO)
                        .build();
                Tunnel tunnel =
                        agent.expose(TunnelSpec.builder(service.getAddress().getPort())
                                .name("shop")
                                .build())) {
            overview.show(relay);
            URI admin = relay.adminUri().orElseThrow();
            get(tunnel.publicUrl());
            get(relay.uri().resolve("http://127.0.0.1:" + relay.port() + "/nothing"));

            HttpResponse<String> page = get(admin.resolve("/"));
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'; script-src 'self'");
            assertThat(page.body()).contains("overview.js").doesNotContain("<style", "onclick", "http://", "https://");
            for (String file : List.of("/overview.js", "/overview.css")) {
                assertThat(get(admin.resolve(file)).statusCode()).as(file).isEqualTo(200);
            }
            await().untilAsserted(() -> {
                JsonNode now = new ObjectMapper()
                        .readTree(get(admin.resolve("/overview.json")).body());
                assertThat(now.path("agents").asInt()).isEqualTo(1);
                assertThat(now.path("requests").path("2xx").asInt()).isEqualTo(1);
                assertThat(now.path("errors").path("unknown-tunnel").asInt()).isEqualTo(1);
                JsonNode row = now.path("rows").get(0);
                assertThat(row.path("name").asText()).isEqualTo("shop");
                assertThat(row.path("url").asText())
                        .isEqualTo(tunnel.publicUrl().toString());
                assertThat(row.path("requests").asInt()).isEqualTo(1);
                assertThat(now.path("series").path("requests")).isNotEmpty();
            });
            verify(next, atLeastOnce()).requestCompleted(any(), eq(204), any());
        } finally {
            service.stop(0);
        }
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("culvert-overview")));
    }

    @Test
    void everyMeasurementIsPassedOn() throws Exception {
        TunnelMetrics next = mock(TunnelMetrics.class);
        try (RelayOverview overview = RelayOverview.start(next)) {
            for (Method method : TunnelMetrics.class.getMethods()) {
                Object[] arguments = Arrays.stream(method.getParameterTypes())
                        .map(RelayOverviewTest::some)
                        .toArray();
                method.invoke(overview.metrics(), arguments);
                assertThat(mockingDetails(next).getInvocations())
                        .as(method.toString())
                        .anyMatch(invocation -> invocation.getMethod().equals(method));
            }
        }
    }

    private static Object some(Class<?> type) {
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == boolean.class) {
            return true;
        }
        if (type == Duration.class) {
            return Duration.ZERO;
        }
        return new io.culvert.tunnel.StreamInfo(
                io.culvert.tunnel.Role.RELAY, "t", "tcp", io.culvert.tunnel.StreamKind.HTTP);
    }
}
