package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.TunnelRelay;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code expose(port)} in a plain {@code main} of a JVM of its own, with {@code transport-tcp} and what it brings. */
class PlainMainTest {
    @TempDir
    private Path classes;

    private RawOrigin origin;

    @BeforeEach
    void start() {
        origin = RawOrigin.answering(head -> RawOrigin.ok("here"));
    }

    @AfterEach
    void stop() throws Exception {
        origin.close();
    }

    private void reachesTheService(JavaProcess process) throws Exception {
        URI url = URI.create(process.line());
        String answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString())
                .body();
        assertThat(answer).isEqualTo("here");
        process.endInput();
        assertThat(process.exitCode()).as(process.errors()).isZero();
        assertThat(process.errors()).doesNotContain("Exception", "WARNING");
    }

    private List<String> onTheClassPath(int port) {
        SnippetCompiler.exposeMain(classes);
        String path = JavaProcess.applicationPath() + File.pathSeparator + classes;
        return List.of("-cp", path, "snippet.Main", String.valueOf(port));
    }

    @Test
    void runsOnTheClassPath() throws Exception {
        try (JavaProcess process = JavaProcess.start(onTheClassPath(origin.port()))) {
            reachesTheService(process);
        }
    }

    @Test
    void runsOnTheModulePath() throws Exception {
        SnippetCompiler.exposeModule(classes);
        String path = JavaProcess.applicationPath() + File.pathSeparator + classes;
        try (JavaProcess process = JavaProcess.start(
                List.of("--module-path", path, "-m", "snippet/snippet.Main", String.valueOf(origin.port())))) {
            reachesTheService(process);
        }
    }

    @Test
    void takesRelayAndTokenFromTheEnvironment() throws Exception {
        try (TunnelRelay relay = TunnelRelay.builder()
                        .authenticator(token -> token.equals("from-the-environment")
                                ? Optional.of(new AgentIdentity("the one"))
                                : Optional.empty())
                        .start();
                JavaProcess process = JavaProcess.start(
                        onTheClassPath(origin.port()),
                        Map.of("TUNNEL_RELAY", relay.uri().toString(), "TUNNEL_TOKEN", "from-the-environment"))) {
            String url = process.line();
            assertThat(relay.tunnels()).containsValue(URI.create(url));
            process.endInput();
            assertThat(process.exitCode()).isZero();
        }
    }

    @Test
    void saysWhatIsMissingWhenOnlyTheApiIsThere() throws Exception {
        SnippetCompiler.exposeMain(classes);
        String api = List.of(JavaProcess.applicationPath().split(File.pathSeparator)).stream()
                .filter(entry -> entry.contains("tunnel-api"))
                .findFirst()
                .orElseThrow();
        try (JavaProcess process =
                JavaProcess.start(List.of("-cp", api + File.pathSeparator + classes, "snippet.Main", "1"))) {
            assertThat(process.exitCode()).isEqualTo(1);
            assertThat(process.errors()).contains("io.culvert:transport-tcp");
        }
    }
}
