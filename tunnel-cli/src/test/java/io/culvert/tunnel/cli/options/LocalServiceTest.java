package io.culvert.tunnel.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.TunnelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalServiceTest {
    @ParameterizedTest
    @CsvSource({
        "3000, localhost, 3000, false",
        "192.0.2.1:81, 192.0.2.1, 81, false",
        "web.test:81, web.test, 81, false",
        "[::1]:81, ::1, 81, false",
        "http://web.test, web.test, 80, false",
        "http://web.test:81/, web.test, 81, false",
        "https://web.test, web.test, 443, true",
        "HTTPS://web.test:8443, web.test, 8443, true",
    })
    void readsEveryForm(String argument, String host, int port, boolean tls) {
        assertThat(LocalService.of(argument, "localhost")).isEqualTo(new LocalService(host, port, tls));
    }

    @Test
    void aMerePortIsOnTheUsualHost() {
        assertThat(LocalService.of("3000", "web.test").host()).isEqualTo("web.test");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web",
                "web.test",
                "",
                ":",
                "http://",
                "https://web.test/path",
                "https://u:p@web.test",
                "ftp://web.test:21",
                "tcp://web.test:1",
                "https://web.test?q",
                "a b:1",
                "99999999999"
            })
    void saysWhatToWriteInstead(String argument) {
        assertThatThrownBy(() -> LocalService.of(argument, "localhost"))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("use PORT, HOST:PORT");
    }
}
