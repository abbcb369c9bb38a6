package io.culvert.tunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private final TestShell shell = new TestShell();

    @Test
    void helpNamesTheCommandsAndTheEnvironment() {
        assertThat(shell.run("--help")).isZero();
        assertThat(shell.out())
                .contains("relay", "expose", "demo", "TUNNEL_RELAY", "TUNNEL_TOKEN", "CULVERT_JAVA_OPTS", "Exit codes");
        assertThat(shell.err()).isEmpty();
    }

    @Test
    void exposeNamesItsEnvironmentToo() {
        assertThat(shell.run("expose", "--help")).isZero();
        assertThat(shell.out()).contains("TUNNEL_RELAY", "TUNNEL_TOKEN", "--relay", "--transport", "Exit codes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"relay", "expose", "check", "bench", "demo", "version", "completion"})
    void everyCommandHasHelpOfLinesThatFit(String command) {
        assertThat(shell.run(command, "--help")).isZero();
        assertThat(shell.out()).startsWith("Usage: culvert " + command);
        assertThat(shell.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void versionNamesProgramAndJava() {
        assertThat(shell.run("--version")).isZero();
        assertThat(shell.out())
                .startsWith("culvert ")
                .contains("Java " + Runtime.version().feature());
    }

    @Test
    void versionIsACommandToo() {
        assertThat(shell.run("version")).isZero();
        assertThat(shell.out())
                .startsWith("culvert ")
                .contains("Java " + Runtime.version().feature(), "transports tcp, control");
        assertThat(Build.known("a897c7e")).contains("a897c7e");
        assertThat(Build.known("${git.commit.id.abbrev}")).isEmpty();
    }

    @Test
    void helpIsACommandToo() {
        assertThat(shell.run("help", "check")).isZero();
        assertThat(shell.out()).startsWith("Usage: culvert check");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void completionScriptsNameCommandsAndOptions(String name) {
        assertThat(shell.run("completion", name)).isZero();
        assertThat(shell.out()).contains("expose", "--public-port", "complete -F _complete_culvert");
        assertThat(shell.out().startsWith("autoload")).isEqualTo(name.equals("zsh"));
        assertThat(shell.run("completion", "fish")).isEqualTo(2);
    }

    @Test
    void noCommandIsWrongUsage() {
        assertThat(shell.run()).isEqualTo(2);
        assertThat(shell.out()).isEmpty();
        assertThat(shell.err()).contains("No command given.", "culvert --help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "relay --nonsense",
                "relay --port many",
                "relay --port 70000",
                "relay --port 0 --slots 1000",
                "relay --port 0 --drain=-1",
                "relay surplus",
                "relay --public-url :",
                "expose",
                "expose web",
                "expose 0 --relay ws://127.0.0.1:1",
                "expose 65536 --relay ws://127.0.0.1:1",
                "expose 3000 4000 --name web --relay ws://127.0.0.1:1",
                "expose web=3000 WEB=4000 --relay ws://127.0.0.1:1",
                "expose web=3000 --name api --relay ws://127.0.0.1:1",
                "expose --relay ws://127.0.0.1:1",
                "expose 3000 --json --qr --relay ws://127.0.0.1:1",
                "expose --config nowhere.yml",
                "expose 3000 --config nowhere.yml",
                "expose --config nowhere.yml --host-header localhost",
                "expose 3000 --relay ws://127.0.0.1:1 --name under_score",
                "expose 3000 --relay ws://127.0.0.1:1 --public-port 65536",
                "expose 3000 --relay 127.0.0.1:1",
                "expose 3000 --relay ftp://127.0.0.1:1",
                "expose 3000 --relay ws://127.0.0.1:1 --proxy :",
                "expose 3000 --relay ws://127.0.0.1:1 --proxy socks://127.0.0.1:1",
                "expose 3000 --relay ws://127.0.0.1:1 --proxy http://user:secret@127.0.0.1:1",
                "expose 3000 --relay ws://127.0.0.1:1 --token secret",
                "expose 3000 --relay ws://127.0.0.1:1 --local-insecure",
                "expose https://localhost:1 --relay ws://127.0.0.1:1 --local-insecure --local-trust ca.pem",
                "relay --tls-cert chain.pem",
                "relay --tls-key key.pem",
                "relay --tls-cert chain.pem --tls-key key.pem --tls-keystore keys.p12",
                "demo --port x",
            })
    void wrongUsageIsToldOnStandardError(String line) {
        assertThat(shell.run(line.split(" "))).isEqualTo(2);
        assertThat(shell.out()).isEmpty();
        assertThat(shell.err()).startsWith("culvert").doesNotContain("\tat ");
    }

    @Test
    void exposeWithoutARelayNamesWhatToSet() {
        assertThat(shell.run("expose", "3000")).isEqualTo(2);
        assertThat(shell.err()).contains("--relay", "TUNNEL_RELAY", "culvert expose --help");
    }

    @Test
    void aBlankVariableIsNoRelay() {
        TestShell blank = new TestShell(Map.of("TUNNEL_RELAY", " "));
        assertThat(blank.run("expose", "3000")).isEqualTo(2);
        assertThat(blank.err()).contains("No relay is known");
    }

    @Test
    void theRelaysAddressComesFromTheEnvironmentToo() {
        TestShell wrong = new TestShell(Map.of("TUNNEL_RELAY", "gopher://relay.test"));
        assertThat(wrong.run("expose", "3000")).isEqualTo(2);
        assertThat(wrong.err()).contains("gopher://relay.test");
    }

    @Test
    void aMissingTokenFileIsNamed() {
        assertThat(shell.run("relay", "--port", "0", "--token-file", "/nowhere/tokens"))
                .isEqualTo(2);
        assertThat(shell.err()).contains("/nowhere/tokens", "does not exist");

        TestShell agent = new TestShell(Map.of("TUNNEL_RELAY", "ws://127.0.0.1:1"));
        assertThat(agent.run("expose", "3000", "--token-file", "/nowhere/token"))
                .isEqualTo(2);
        assertThat(agent.err()).contains("/nowhere/token", "does not exist");
    }
}
