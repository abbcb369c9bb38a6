package io.culvert.tunnel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A test that needs a public address for the application under test: relay and agent live in the test, on free ports. */
class TunnelInATest {
    private static HelloApplication application;
    private static TunnelRelay relay;
    private static TunnelAgent agent;
    private static Tunnel tunnel;

    @BeforeAll
    static void expose() {
        application = new HelloApplication();
        relay = TunnelRelay.builder().port(0).start();
        agent = TunnelAgent.builder().relay(relay.uri()).build();
        tunnel = agent.expose(TunnelSpec.port(application.port()));
    }

    @AfterAll
    static void close() {
        tunnel.close();
        agent.close();
        relay.close();
        application.close();
    }

    @Test
    void aWebhookReachesTheApplication() throws Exception {
        URI webhook = tunnel.publicUrl().resolve("/webhook?event=1");
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(HttpRequest.newBuilder(webhook).build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("Hello from behind the tunnel: /webhook?event=1\n");
        assertThat(tunnel.stats().totalStreams()).isEqualTo(1);
    }
}
