package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LimitTest {
    private static final Path PAGE = Path.of("..", "docs", "SECURITY.md");
    private static final Pattern CODE = Pattern.compile("`([a-z-]+)`");

    @Test
    void everyCounterIsDocumented() throws Exception {
        Set<String> documented = new TreeSet<>();
        Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.equals("## Limits"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `") || line.startsWith("| a tunnel"))
                .map(line -> line.split("\\|")[4])
                .forEach(cell -> CODE.matcher(cell).results().forEach(code -> documented.add(code.group(1))));
        assertThat(documented)
                .isEqualTo(
                        Arrays.stream(Limit.values()).map(Limit::code).collect(Collectors.toCollection(TreeSet::new)));
    }
}
