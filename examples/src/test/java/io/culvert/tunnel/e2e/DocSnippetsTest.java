package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every Java block in the README and in the pages under {@code docs} compiles as it stands there, with its own imports only. */
class DocSnippetsTest {
    private static final Pattern BLOCK = Pattern.compile("^```java\\R(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern TYPE =
            Pattern.compile("^(public |final |abstract )*(class|interface|record|enum) (\\w+)", Pattern.MULTILINE);

    @TempDir
    private Path classes;

    @TestFactory
    Stream<DynamicTest> eachBlockCompiles() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            Matcher block = BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                String text = block.group(1);
                String name =
                        page.getFileName() + ": " + text.lines().findFirst().orElse("");
                tests.add(dynamicTest(name, () -> compile(text)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(Path.of("..", "docs"))) {
            return Stream.concat(Stream.of(Path.of("..", "README.md")), docs.sorted())
                    .filter(page -> page.toString().endsWith(".md"))
                    .toList();
        }
    }

    private void compile(String block) {
        Matcher type = TYPE.matcher(block);
        Map<String, String> source =
                type.find() ? Map.of(type.group(3), block) : Map.of("Snippet", statementsInAMethod(block));
        SnippetCompiler.compile(source, classes, List.of("-cp", JavaProcess.classPath(), "-Xlint:all,-try", "-Werror"));
    }

    private static String statementsInAMethod(String block) {
        Map<Boolean, List<String>> lines =
                block.lines().collect(Collectors.partitioningBy(line -> line.startsWith("import ")));
        return String.join("\n", lines.get(true))
                + "\nclass Snippet { void run() throws Exception {\n"
                + String.join("\n", lines.get(false))
                + "\n} }\n";
    }
}
