package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.examples.CustomTransport;
import io.culvert.tunnel.examples.EmbedAgent;
import io.culvert.tunnel.examples.EmbedRelay;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs each example as its documentation says. */
class ExamplesTest {
    private static JavaProcess run(Class<?> example, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("-cp", JavaProcess.classPath(), example.getName()));
        command.addAll(List.of(arguments));
        return JavaProcess.start(command);
    }

    private static String get(URI url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
                .body();
    }

    private static void serves(JavaProcess example) throws Exception {
        URI url = URI.create(example.line());
        assertThat(get(url.resolve("/path"))).isEqualTo("Hello from behind the tunnel: /path\n");
        example.endInput();
        assertThat(example.exitCode()).isZero();
    }

    @Test
    void embedAgent() throws Exception {
        try (JavaProcess example = run(EmbedAgent.class)) {
            serves(example);
        }
    }

    @Test
    void embedRelayAndAgent() throws Exception {
        try (JavaProcess relay = run(EmbedRelay.class, "0", "secret")) {
            String uri = relay.line();
            try (JavaProcess agent = run(EmbedAgent.class, uri, "secret")) {
                serves(agent);
            }
            relay.endInput();
            assertThat(relay.exitCode()).isZero();
            assertThat(relay.errors()).containsPattern("[1-9]\\d* bytes went up, [1-9]\\d* came down");
        }
    }

    @Test
    void embedRelayRefusesOthers() throws Exception {
        try (JavaProcess relay = run(EmbedRelay.class, "0", "secret")) {
            String uri = relay.line();
            try (JavaProcess agent = run(EmbedAgent.class, uri, "wrong")) {
                assertThat(agent.exitCode()).isEqualTo(1);
                assertThat(agent.errors()).contains("token").doesNotContain("wrong");
            }
            try (TunnelAgent agent =
                            TunnelAgent.builder().relay(uri).token("secret").build();
                    Tunnel tunnel = agent.expose(TunnelSpec.port(1))) {
                assertThat(tunnel.publicUrl()).hasHost("127.0.0.1");
            }
        }
    }

    @Test
    void customTransport() throws Exception {
        try (JavaProcess example = run(CustomTransport.class)) {
            serves(example);
            assertThat(example.errors()).contains("Carried by 'unix'");
        }
    }
}
