package io.culvert.tunnel.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.Rate;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    @TempDir
    Path directory;

    private ExposeConfig read(String text) throws IOException {
        return ConfigFile.read(Files.writeString(directory.resolve("culvert.yml"), text));
    }

    private List<String> mistakes(String text) {
        try {
            read(text);
        } catch (TunnelException x) {
            return x.getMessage()
                    .lines()
                    .skip(1)
                    .map(line -> line.substring(line.indexOf("culvert.yml:") + "culvert.yml:".length()))
                    .toList();
        } catch (IOException x) {
            throw new java.io.UncheckedIOException(x);
        }
        return List.of();
    }

    @Test
    void readsEverything() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "secret\n");
        ExposeConfig config = read("""
                # Two services
                relay: wss://relay.example.test
                token-file: token
                transport: [control, tcp]
                drain: 5
                tunnels:
                  - service: 3000
                    name: Demo
                    host-header: localhost:3000
                    public-port: 0
                    transport: tcp
                  - service: https://web.test:8443
                    host: app.example.org
                    local-insecure: true
                """);
        assertThat(config.relay().relay()).contains("wss://relay.example.test");
        assertThat(config.relay().tokenFile()).contains(token.toAbsolutePath());
        assertThat(config.relay().transports()).containsExactly("control", "tcp");
        assertThat(config.drainSeconds()).contains(5);
        TunnelSpec first = config.tunnels().get(0).spec();
        assertThat(first.localPort()).isEqualTo(3000);
        assertThat(first.name()).contains("demo");
        assertThat(first.hostHeader()).contains("localhost:3000");
        assertThat(first.publicPort()).isEqualTo(OptionalInt.of(0));
        assertThat(config.tunnels().get(0).transports()).containsExactly("tcp");
        TunnelSpec second = config.tunnels().get(1).spec();
        assertThat(second.localHost()).isEqualTo("web.test");
        assertThat(second.host()).contains("app.example.org");
        assertThat(second.localTls()).contains(LocalTls.insecure());
        assertThat(second.name()).isEqualTo(Optional.empty());
    }

    @Test
    void readsWhomATunnelLetsIn() throws IOException {
        Files.writeString(directory.resolve("logins"), "ann:sesame\nbob:secret\n");
        TunnelProtection protection = read("""
                tunnels:
                  - service: 3000
                    login-file: logins
                    allow: [10.0.0.0/8, "2001:db8::/32"]
                    deny: 10.1.0.0/16
                    rate: 600/m
                    rate-per-visitor: 20/s
                    max-requests: 50
                    max-body: 10M
                """).tunnels().get(0).spec().protection();
        assertThat(protection.logins()).hasSize(2);
        assertThat(protection.allowed()).hasSize(2);
        assertThat(protection.denied()).hasSize(1);
        assertThat(protection.requests()).contains(Rate.perMinute(600));
        assertThat(protection.requestsPerVisitor()).contains(Rate.perSecond(20));
        assertThat(protection.concurrentRequests().getAsInt()).isEqualTo(50);
        assertThat(protection.bodyBytes().getAsLong()).isEqualTo(10L << 20);
        Files.writeString(directory.resolve("logins"), "sesame\n");
        assertThat(mistakes("""
                tunnels:
                  - service: 3000
                    login-file: logins
                    allow: everyone
                    rate: often
                    max-body: huge
                """)).hasSize(4).noneMatch(line -> line.contains("sesame"));
    }

    @Test
    void tellsEveryMistakeWithLineAndKey() {
        assertThat(mistakes("""
                        relay: relay.example.test
                        token: s3cret
                        drian: 10
                        tunnels:
                          - service: 3000
                            name: demo
                            publik-port: 8000
                            local-insecure: true
                          - service: web
                            name: under_score
                            transport: tpc
                          - name: demo
                            public-port: many
                            local_host: x
                            name: twice
                        """))
                .allSatisfy(line -> assertThat(line).doesNotContain("s3cret"))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("1: relay: 'relay.example.test' is not a relay's address"),
                        line -> assertThat(line).startsWith("2: token: a token does not stand in this file"),
                        line -> assertThat(line).isEqualTo("3: drian is no key. Did you mean 'drain'?"),
                        line -> assertThat(line)
                                .isEqualTo("7: tunnels[0].publik-port is no key. Did you mean 'public-port'?"),
                        line -> assertThat(line).startsWith("8: tunnels[0].local-insecure: needs a service at https"),
                        line -> assertThat(line).startsWith("9: tunnels[1].service: 'web' is no local service"),
                        line -> assertThat(line).startsWith("10: tunnels[1].name: 'under_score' cannot name"),
                        line -> assertThat(line)
                                .isEqualTo(
                                        "11: tunnels[1].transport: there is no transport 'tpc'. Did you mean 'tcp'?"),
                        line -> assertThat(line).startsWith("12: tunnels[2].service: is missing"),
                        line -> assertThat(line)
                                .isEqualTo("13: tunnels[2].public-port: must be a number from 0 to 65535, not 'many'."),
                        line -> assertThat(line)
                                .isEqualTo("14: tunnels[2].local_host is no key. Did you mean 'local-host'?"),
                        line -> assertThat(line).isEqualTo("15: tunnels[2].name stands twice; first on line 12."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "tunnels: [{service: 1, name: a}, {service: 2, name: A}]; 1: tunnels[1].name: 'a' is another tunnel's name already.",
                "tunnels: []; 1: tunnels: needs at least one entry",
                "relay: ws://r; 1: tunnels: needs at least one entry",
                "tunnels: 3000; 1: tunnels: must be a list",
                "tunnels: [3000]; 1: tunnels[0] must consist of lines",
                "3000; 1: The file must consist of lines",
                "tunnels: [{service: [1]}]; 1: tunnels[0].service must be one value.",
                "tunnels: [{service: 70000}]; 1: tunnels[0].service: Port 70000 is not in the range",
                "tunnels: [{service: 1, local-insecure: yes}]; 1: tunnels[0].local-insecure: ",
                "token-file: nowhere; 1: token-file: The token file",
                "cert: nowhere.pem; 1: cert: The file of trusted certificates",
                "key: agent.key; 1: key: needs the other of cert and key.",
                "tunnels: [; 1: this is not YAML: ",
                "a: &a [*a]; 1: a is no key. Known are: relay, ",
            })
    void eachMistakeIsNamed(String text, String mistake) {
        assertThat(mistakes(text)).anySatisfy(line -> assertThat(line).startsWith(mistake));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> ConfigFile.read(directory.resolve("nowhere.yml")))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("nowhere.yml cannot be used: it does not exist");
        assertThatThrownBy(() -> read("")).hasMessageContaining("is empty");
    }
}
