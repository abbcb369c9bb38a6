package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing waits by the wall clock: it may jump, and time-outs must not notice. */
class ClockRuleTest {
    private static final List<String> MODULES =
            List.of("tunnel-api", "tunnel-core", "transport-jetty", "transport-tcp");
    private static final Pattern WALL_CLOCK = Pattern.compile(
            "currentTimeMillis|Instant\\.now|new Date\\(|LocalDateTime\\.now|ZonedDateTime\\.now|Clock\\.system|new Timer\\(");

    /** These compare with the times of files, or say when something was. */
    private static final Set<String> ALLOWED = Set.of("FileWatch.java", "Recorded.java");

    @Test
    void noProductionCodeOfRelayAndAgentLooksAtTheWallClock() throws IOException {
        Set<String> found = new TreeSet<>();
        for (String module : MODULES) {
            Path sources = Path.of("..", module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(sources)) {
                List<Path> java =
                        files.filter(file -> file.toString().endsWith(".java")).toList();
                assertThat(java).as(sources.toString()).isNotEmpty();
                java.stream()
                        .filter(file -> WALL_CLOCK.matcher(text(file)).find())
                        .forEach(file -> found.add(file.getFileName().toString()));
            }
        }
        assertThat(found).isSubsetOf(ALLOWED);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }
}
