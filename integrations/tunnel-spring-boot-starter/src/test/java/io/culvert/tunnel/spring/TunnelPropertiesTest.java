package io.culvert.tunnel.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The properties, in a context that has nothing else. */
class TunnelPropertiesTest {
    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TunnelAutoConfiguration.class));

    @Test
    void allAreRead() {
        application
                .withPropertyValues(
                        "tunnel.relay=wss://relay.example",
                        "tunnel.token=secret",
                        "tunnel.name=shop",
                        "tunnel.transports=control,tcp",
                        "tunnel.drain-timeout=5s",
                        "tunnel.public-port=8443")
                .run(context -> {
                    TunnelProperties properties = context.getBean(TunnelProperties.class);
                    assertThat(properties.relay()).isEqualTo(URI.create("wss://relay.example"));
                    assertThat(properties.transports()).containsExactly("control", "tcp");
                    assertThat(properties.drainTimeout()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(properties.publicPort()).isEqualTo(8443);
                    assertThat(properties.toString()).doesNotContain("secret");
                    assertThat(context).hasSingleBean(ApplicationTunnel.class);
                });
    }

    @Test
    void nothingIsThereWhereItIsTurnedOff() {
        application.withPropertyValues("tunnel.enabled=false").run(context -> assertThat(context)
                .doesNotHaveBean(ApplicationTunnel.class)
                .doesNotHaveBean(TunnelProperties.class));
    }

    @ParameterizedTest
    @CsvSource({
        "relay, ftp://x.test, wss://relay.example",
        "port, 70000, from 1 to 65535",
        "public-port, 0, from 1 to 65535",
        "name, UPPER, 'a-z, 0-9'",
        "connect-timeout, -1s, positive",
        "drain-timeout, soon, soon"
    })
    void aValueThatCannotWorkIsToldWithItsProperty(String property, String value, String said) {
        application.withPropertyValues("tunnel." + property + "=" + value).run(context -> assertThat(
                        context.getStartupFailure())
                .hasStackTraceContaining("tunnel." + property)
                .hasStackTraceContaining(said));
    }
}
