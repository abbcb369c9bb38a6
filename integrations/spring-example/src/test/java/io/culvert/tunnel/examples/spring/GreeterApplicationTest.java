package io.culvert.tunnel.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.spring.ApplicationTunnel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** The application as its visitors see it, from the other end of a tunnel. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "tunnel.in-tests=true")
class GreeterApplicationTest {
    @Autowired
    private ApplicationTunnel application;

    private String get(String path) throws Exception {
        URI url = application.tunnel().orElseThrow().publicUrl().resolve(path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
                .body();
    }

    @Test
    void visitorsAreGreetedAndTheTunnelShowsInHealthAndMetrics() throws Exception {
        await().until(() -> application.tunnel().isPresent());
        assertThat(get("/?name=tunnel")).isEqualTo("{\"greeting\":\"Hello, tunnel!\"}");
        assertThat(get("/actuator/health")).contains("\"tunnel\":{", "\"state\":\"open\"");
        assertThat(get("/actuator/metrics/tunnel.bytes")).contains("\"role\"", "\"agent\"");
    }
}
