package io.culvert.tunnel.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.TunnelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTokenTest {
    @TempDir
    Path directory;

    @Test
    void isTheFirstTokenOfTheFile() throws IOException {
        Path file = Files.writeString(
                directory.resolve("token"), "# mine\n\n  the-token  name *.example.test\r\nanother\n");
        assertThat(AgentToken.read(file)).isEqualTo("the-token");
    }

    @Test
    void aFileWithoutOneIsAnError() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "# nothing\n");
        assertThatThrownBy(() -> AgentToken.read(file))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("holds no token");
        assertThatThrownBy(() -> AgentToken.read(directory))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("cannot be read");
    }
}
