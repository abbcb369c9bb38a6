package io.culvert.tunnel.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.TunnelError;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitCodeTest {
    @ParameterizedTest
    @CsvSource({
        "BAD_CONFIGURATION, 2",
        "UNAUTHORIZED, 3",
        "VERSION_UNSUPPORTED, 3",
        "NO_COMMON_TRANSPORT, 3",
        "NAME_TAKEN, 3",
        "NAME_INVALID, 3",
        "NAME_FORBIDDEN, 3",
        "REPLACED, 3",
        "OVERLOADED, 3",
        "RELAY_UNREACHABLE, 1",
        "RELAY_UNTRUSTED, 1",
        "LINK_LOST, 1",
        "PROTOCOL, 1",
        "MISSING_ARTIFACT, 1",
        "BIND_FAILED, 1",
        "INTERNAL, 1",
    })
    void everyFailureHasItsCode(TunnelError error, int code) {
        assertThat(ExitCode.of(error)).isEqualTo(code);
    }
}
