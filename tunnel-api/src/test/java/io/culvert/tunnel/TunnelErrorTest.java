package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TunnelErrorTest {
    private static final Path PAGE = Path.of("..", "docs", "ARCHITECTURE.md");

    @Test
    void theDocumentedTableIsTheEnum() throws Exception {
        List<String> documented = Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.equals("## Errors"))
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|"))
                .map(cells -> cells[1].strip() + cells[2].strip() + " " + cells[3].strip())
                .collect(Collectors.toList());
        List<String> actual = java.util.Arrays.stream(TunnelError.values())
                .map(e -> "`" + e.code() + "`" + e.status() + " " + (e.retryable() ? "yes" : "no"))
                .collect(Collectors.toList());
        assertThat(documented).isEqualTo(actual);
    }

    @Test
    void aCodeNamesItsError() {
        for (TunnelError error : TunnelError.values()) {
            assertThat(TunnelError.ofCode(error.code())).isSameAs(error);
        }
    }

    @Test
    void aCodeOfANewerPeerIsAnInternalError() {
        assertThat(TunnelError.ofCode("of-the-future")).isSameAs(TunnelError.INTERNAL);
    }
}
