package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/TESTED.md} names tests that there are, and one for each case. */
class TestedPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");

    /** A test class may have a namesake in another module. */
    private static Map<String, List<Path>> testClasses() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith("Test.java"))
                    .filter(file -> file.toString().contains("src/test/java"))
                    .collect(Collectors.groupingBy(
                            file -> file.getFileName().toString().replace(".java", "")));
        }
    }

    private static List<String> cases() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/TESTED.md")).stream()
                .filter(line -> line.startsWith("| "))
                .filter(line -> !line.startsWith("| case |") && !line.startsWith("| --- |"))
                .toList();
    }

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        Map<String, List<Path>> classes = testClasses();
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (String line : cases()) {
            Matcher test = NAMED.matcher(line);
            while (test.find()) {
                named++;
                Pattern method = Pattern.compile(
                        "@(Test|ParameterizedTest|FuzzTest)\\b(?:(?!\\bvoid \\w+\\().)*\\bvoid " + test.group(2)
                                + "\\(",
                        Pattern.DOTALL);
                boolean there = false;
                for (Path file : classes.getOrDefault(test.group(1), List.of())) {
                    there |= method.matcher(Files.readString(file)).find();
                }
                if (!there) {
                    missing.add(test.group());
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(100);
    }

    @Test
    void everyCaseHasATestOrIsCalledOpen() throws IOException {
        assertThat(cases())
                .hasSizeGreaterThan(60)
                .allMatch(line -> NAMED.matcher(line).find() || line.contains("**open**"));
    }
}
