package io.culvert.tunnel.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A container calls back to the test. The application listens on loopback, where no container gets; the relay beside it listens on every address
 * of this machine. Whoever can reach it could be an agent too, so it insists on a token, which only this process knows:
 *
 * <pre>mvn test -pl examples -am -Dtest=ContainerTest -Dsurefire.failIfNoSpecifiedTests=false</pre>
 *
 * <p>In the container's place stands a process in a network of its own, as a container has it, behind a virtual cable to this machine.
 */
class ContainerTest {
    private static final String TOKEN = UUID.randomUUID().toString();

    private static final Authenticator ONLY_THIS_PROCESS = token ->
            MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), TOKEN.getBytes(StandardCharsets.UTF_8))
                    ? Optional.of(new AgentIdentity("this test"))
                    : Optional.empty();

    /** A network namespace with one cable to this machine's. */
    private static final class OtherNetwork implements AutoCloseable {
        private final String name = "culvert" + ProcessHandle.current().pid();
        private final String cable = "v" + ProcessHandle.current().pid();
        private final String subnet = "10.231." + ProcessHandle.current().pid() % 256 + ".";

        /** Makes one, or skips the test where that is not allowed. */
        static OtherNetwork make() throws Exception {
            OtherNetwork made = new OtherNetwork();
            try {
                run("ip", "netns", "add", made.name);
            } catch (IOException | AssertionError x) {
                return abort("This needs root and the command ip: " + x.getMessage());
            }
            try {
                run("ip", "link", "add", made.cable, "type", "veth", "peer", "name", "eth0", "netns", made.name);
                run("ip", "addr", "add", made.gateway() + "/24", "dev", made.cable);
                run("ip", "link", "set", made.cable, "up");
                made.inside("ip", "addr", "add", made.subnet + "2/24", "dev", "eth0");
                made.inside("ip", "link", "set", "eth0", "up");
                made.inside("curl", "--version");
                return made;
            } catch (IOException | AssertionError x) {
                run("ip", "netns", "del", made.name);
                return abort("This needs virtual cables and the command curl: " + x.getMessage());
            }
        }

        /** What {@code host.docker.internal} is to a container: this machine. */
        String gateway() {
            return subnet + "1";
        }

        String inside(String... command) throws Exception {
            List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
            all.addAll(List.of(command));
            return run(all.toArray(String[]::new));
        }

        @Override
        public void close() throws Exception {
            run("ip", "link", "del", cable); // with the namespace it would go too, but later
            run("ip", "netns", "del", name);
        }
    }

    private static String run(String... command) throws Exception {
        Path output = Files.createTempFile("culvert-test", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(process.waitFor(30, TimeUnit.SECONDS))
                    .as("'%s' ends", String.join(" ", command))
                    .isTrue();
            String text = Files.readString(output);
            assertThat(process.exitValue())
                    .as("exit of '%s': %s", String.join(" ", command), text)
                    .isZero();
            return text;
        } finally {
            Files.delete(output);
        }
    }

    private static TunnelRelay relayForContainers() {
        return TunnelRelay.builder()
                .bind("0.0.0.0")
                .publicUrl(URI.create("http://host.docker.internal"))
                .authenticator(ONLY_THIS_PROCESS)
                .start();
    }

    @Test
    void aProcessInAnotherNetworkReachesTheApplication() throws Exception {
        try (HelloApplication application = new HelloApplication();
                OtherNetwork container = OtherNetwork.make();
                TunnelRelay relay = relayForContainers();
                TunnelAgent agent =
                        TunnelAgent.builder().relay(relay.uri()).token(TOKEN).build();
                Tunnel tunnel = agent.expose(TunnelSpec.port(application.port()))) {
            URI url = tunnel.publicUrl();
            assertThat(url.getHost()).isEqualTo("host.docker.internal");
            // A container runtime writes this name into the container's hosts file.
            String name = url.getHost() + ":" + url.getPort() + ":" + container.gateway();
            assertThat(container.inside("curl", "-sS", "--max-time", "20", "--resolve", name, url + "/hook"))
                    .isEqualTo("Hello from behind the tunnel: /hook\n");
            // Without the tunnel there is no way: the application listens on loopback.
            assertThatThrownBy(() -> container.inside(
                            "curl",
                            "-sS",
                            "--max-time",
                            "20",
                            "http://" + container.gateway() + ":" + application.port()))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("curl: (7)");
        }
    }

    @Test
    void whoeverElseReachesTheRelayCannotBeAnAgent() {
        try (TunnelRelay relay = relayForContainers();
                TunnelAgent stranger =
                        TunnelAgent.builder().relay(relay.uri()).token("guess").build()) {
            assertThatThrownBy(() -> stranger.expose(TunnelSpec.port(1)))
                    .isInstanceOfSatisfying(
                            TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.UNAUTHORIZED));
        }
    }

    @Test
    void aRelayBeyondLoopbackInsistsOnAuthentication() {
        TunnelRelay.Builder open = TunnelRelay.builder().bind("0.0.0.0");
        assertThatThrownBy(open::start)
                .isInstanceOfSatisfying(
                        TunnelException.class, x -> assertThat(x.error()).isEqualTo(TunnelError.BAD_CONFIGURATION))
                .hasMessageContaining("authenticator");
    }

    /** Another address of loopback is the smallest network beside one's own: what is bound there is not on 127.0.0.1. */
    @Test
    void theRelayMayHaveAnAddressOfItsOwn() throws IOException, InterruptedException {
        try (HelloApplication application = new HelloApplication();
                TunnelRelay relay = TunnelRelay.builder().bind("127.0.0.2").start();
                TunnelAgent agent = TunnelAgent.builder().relay(relay.uri()).build();
                Tunnel tunnel = agent.expose(TunnelSpec.port(application.port()))) {
            assertThat(tunnel.publicUrl()).hasHost("127.0.0.2");
            String answer = java.net.http.HttpClient.newHttpClient()
                    .send(
                            java.net.http.HttpRequest.newBuilder(tunnel.publicUrl())
                                    .build(),
                            java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(answer).isEqualTo("Hello from behind the tunnel: /\n");
        }
    }
}
