package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of limits and time-outs in the documentation, against the code. */
class LimitTest {
    private static final Path PAGE = Path.of("..", "docs", "SECURITY.md");
    private static final Pattern CODE = Pattern.compile("`([a-z-]+)`");
    private static final Pattern OPTION = Pattern.compile("`([a-zA-Z]+)`");
    private static final long HEAP = Runtime.getRuntime().maxMemory();

    /** The cells of each row of the section's tables. */
    private static List<String[]> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.equals("## Limits"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| ") && !line.startsWith("| option") && !line.startsWith("| ---"))
                .map(line -> line.split("\\|"))
                .toList();
    }

    private static RelayOptions defaults() {
        return TunnelRelay.builder().options();
    }

    @Test
    void everyCounterIsDocumented() throws Exception {
        Set<String> documented = new TreeSet<>();
        rows().forEach(cells -> CODE.matcher(cells[4]).results().forEach(code -> documented.add(code.group(1))));
        assertThat(documented)
                .isEqualTo(
                        Arrays.stream(Limit.values()).map(Limit::code).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void everyDefaultIsDocumented() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        for (String[] cells : rows()) {
            Matcher option = OPTION.matcher(cells[1]);
            if (cells[1].startsWith(" `") && option.find()) {
                documented.put(option.group(1), cells[2].strip());
            }
        }
        Map<String, String> actual = new TreeMap<>();
        addDefaults(defaults().limits(), actual);
        addDefaults(defaults().timeouts(), actual);
        assertThat(documented).isEqualTo(actual);
    }

    private static void addDefaults(Object options, Map<String, String> target) throws Exception {
        for (Method getter : options.getClass().getDeclaredMethods()) {
            if (Modifier.isPublic(getter.getModifiers())) {
                target.put(getter.getName(), words(getter.getName(), getter.invoke(options)));
            }
        }
    }

    private static String words(String name, Object value) {
        if (name.equals("connections") && value.equals((int) Math.min(65_536, HEAP / (16 * 1024)))) {
            return "one for each 16 KiB of heap, at most 65,536";
        }
        if (value.equals(HEAP / 4)) {
            return "a quarter of the heap";
        }
        if (value.equals(HEAP / 4 / 2)) {
            return "an eighth of the heap";
        }
        if (value.equals(Optional.empty()) || value.equals(OptionalLong.empty())) {
            return "any";
        }
        if (value instanceof Rate rate && rate.period().equals(Duration.ofMinutes(1))) {
            return rate.count() + " a minute";
        }
        if (value instanceof Duration time) {
            return time.toHours() > 0 ? time.toHours() + " h" : time.toSeconds() + " s";
        }
        return name.equals("credit")
                ? (int) value / 1024 + " KiB"
                : String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }

    @Test
    void moreThanTheHeapAllowsIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> TunnelRelay.builder().limits(l -> l.queuedBytes(HEAP)))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("-Xmx");
        assertThatThrownBy(() -> TunnelRelay.builder().limits(l -> l.queuedBytesPerSession(1)))
                .isInstanceOf(TunnelException.class)
                .hasMessageContaining("queuedBytesPerSession");
        RelayLimits limits = TunnelRelay.builder()
                .limits(l -> l.queuedBytes(100_000))
                .options()
                .limits();
        assertThat(limits.queuedBytesPerSession()).isEqualTo(100_000);
    }
}
