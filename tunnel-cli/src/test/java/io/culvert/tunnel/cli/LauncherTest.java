package io.culvert.tunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher in a made-up checkout, with a Maven and a Java that only write down how they were called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final List<String> MODULES = List.of(
            "tunnel-api",
            "tunnel-core",
            "transport-jetty",
            "transport-tcp",
            "integrations/tunnel-inspector",
            "integrations/tunnel-micrometer",
            "tunnel-cli");

    @TempDir
    Path directory;

    private Path checkout;
    private Path tools;
    private Path jar;
    private Path builds;

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void makeCheckout() throws IOException {
        checkout = Files.createDirectories(directory.resolve("a checkout"));
        jar = checkout.resolve("tunnel-cli/target/culvert.jar");
        builds = directory.resolve("builds");
        Files.copy(Path.of("../culvert").toAbsolutePath().normalize(), checkout.resolve("culvert"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        Files.writeString(checkout.resolve("LICENSE"), "free");
        for (String module : MODULES) {
            Path sources = Files.createDirectories(checkout.resolve(module).resolve("src/main/java"));
            Files.writeString(sources.resolve("Some.java"), "class Some {}");
            Files.writeString(checkout.resolve(module).resolve("pom.xml"), "<project/>");
        }
        tools = Files.createDirectories(directory.resolve("tools"));
        // Holds the builds back until the file "go" is there, so that a test can have several wait.
        script(tools.resolve("mvn"), """
            echo "$*" >>"$BUILDS"
            while [ -n "${HOLD:-}" ] && [ ! -e "$HOLD" ]; do sleep 0.05; done
            [ -z "${BROKEN:-}" ] || { echo "does not compile"; exit 1; }
            mkdir -p tunnel-cli/target && echo jar >tunnel-cli/target/culvert.jar
            """);
        java("17.0.15");
    }

    private void java(String version) throws IOException {
        Path home = Files.createDirectories(directory.resolve("jdk"));
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/java"), "for word; do echo \"$word\"; done; echo \"pid $$\"");
        script(home.resolve("bin/javac"), "exit 1");
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private ProcessBuilder launcher(String... args) {
        ProcessBuilder builder = new ProcessBuilder(checkout.resolve("culvert").toString());
        builder.command().addAll(List.of(args));
        builder.directory(directory.toFile());
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.environment().put("BUILDS", builds.toString());
        builder.environment().remove("CULVERT_JAVA_OPTS");
        return builder;
    }

    private Result finish(Process process) throws Exception {
        String out = new String(process.getInputStream().readAllBytes());
        String err = new String(process.getErrorStream().readAllBytes());
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), out, err);
    }

    private Result run(String... args) throws Exception {
        return finish(launcher(args).start());
    }

    private long builds() throws IOException {
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    @Test
    void buildsOnFirstUseAndOnlyThen() throws Exception {
        Result first = run("demo", "--once");
        assertThat(first.code).isZero();
        assertThat(first.err).hasLineCount(1).contains("building it first");
        assertThat(first.out.lines()).contains("-jar", jar.toString(), "demo", "--once");
        assertThat(Files.readString(builds)).contains("-pl tunnel-cli -am", "package");

        Result second = run("demo");
        assertThat(second.err).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void becomesTheJvm() throws Exception {
        run();
        Process process = launcher().start();
        assertThat(finish(process).out).contains("pid " + process.pid());
    }

    @Test
    void keepsArgumentsWholeAndSplitsOptions() throws Exception {
        run();
        ProcessBuilder builder = launcher("expose", "two words", "");
        builder.environment().put("CULVERT_JAVA_OPTS", "-Xmx64m -Dx=y");
        assertThat(finish(builder.start()).out.lines())
                .containsSubsequence("-Xmx64m", "-Dx=y", "-jar", jar.toString(), "expose", "two words", "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pom.xml",
                "tunnel-core/pom.xml",
                "transport-tcp/src/main/java/Some.java",
                "tunnel-api/src/main/New.java"
            })
    void buildsAgainWhenASourceChanged(String source) throws Exception {
        run();
        Files.writeString(checkout.resolve(source), "changed");
        Files.setLastModifiedTime(
                checkout.resolve(source), FileTime.from(Instant.now().plusSeconds(1)));
        run();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainWhenASourceChangedDuringTheBuild() throws Exception {
        Path go = directory.resolve("go");
        ProcessBuilder builder = launcher();
        builder.environment().put("HOLD", go.toString());
        Process process = builder.start();
        awaitBuilds(1);
        Files.writeString(checkout.resolve("tunnel-core/src/main/java/Some.java"), "changed");
        Files.createFile(go);
        assertThat(finish(process).code).isZero();
        run();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void severalAtOnceBuildOnce() throws Exception {
        Path go = directory.resolve("go");
        ProcessBuilder builder = launcher("relay");
        builder.environment().put("HOLD", go.toString());
        List<Process> processes = List.of(builder.start(), builder.start(), builder.start());
        awaitBuilds(1);
        Files.createFile(go);
        for (Process process : processes) {
            Result result = finish(process);
            assertThat(result.code).as(result.err).isZero();
            assertThat(result.out).contains("relay");
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void severalAtOnceBuildOnceWithoutFlock() throws Exception {
        // A PATH with everything that the launcher needs but flock, as on macOS.
        for (String tool : List.of("cat", "find", "mkdir", "mv", "readlink", "rm", "sleep", "touch")) {
            for (String folder : System.getenv("PATH").split(":")) {
                Path file = Path.of(folder, tool);
                if (Files.isExecutable(file) && !Files.exists(tools.resolve(tool))) {
                    script(tools.resolve(tool), "exec " + file + " \"$@\"");
                }
            }
        }
        Path dead = Files.createDirectories(checkout.resolve(".culvert/build.lock.d"));
        Files.writeString(dead.resolve("pid"), "999999999\n");
        ProcessBuilder builder = launcher("relay");
        builder.environment().put("PATH", tools.toString());
        List<Process> processes = List.of(builder.start(), builder.start());
        for (Process process : processes) {
            Result result = finish(process);
            assertThat(result.code).as(result.err).isZero();
        }
        assertThat(builds()).isEqualTo(1);
        assertThat(dead).doesNotExist();
    }

    @Test
    void showsTheLogOfABuildThatFailedAndTriesAgain() throws Exception {
        ProcessBuilder builder = launcher();
        builder.environment().put("BROKEN", "yes");
        Result broken = finish(builder.start());
        assertThat(broken.code).isEqualTo(1);
        assertThat(broken.out).isEmpty();
        assertThat(broken.err).contains("does not compile", "the build failed");
        assertThat(run().code).isZero();
    }

    @Test
    void refusesAnOldJava() throws Exception {
        java("11.0.2");
        Result result = run("demo");
        assertThat(result.code).isEqualTo(1);
        assertThat(result.err).contains("Java 17 or newer", "11.0.2", "JAVA_HOME");
        java("1.8.0_402");
        assertThat(run("demo").err).contains("Java 17 or newer", "1.8.0_402");
        assertThat(builds()).isZero();
    }

    @Test
    void refusesAJavaHomeWithoutJava() throws Exception {
        ProcessBuilder builder = launcher();
        builder.environment().put("JAVA_HOME", directory.toString());
        assertThat(finish(builder.start()).err).contains("JAVA_HOME is " + directory);
    }

    @Test
    void worksThroughASymbolicLinkAndWithoutACheckout() throws Exception {
        Path installed = Files.createDirectories(directory.resolve("installed"));
        Files.copy(checkout.resolve("culvert"), installed.resolve("culvert"));
        Files.writeString(installed.resolve("culvert.jar"), "jar");
        Path link = Files.createSymbolicLink(tools.resolve("culvert"), Path.of("../installed/culvert"));
        ProcessBuilder builder = launcher();
        builder.command(link.toString(), "demo");
        assertThat(finish(builder.start()).out.lines())
                .containsSubsequence(
                        "-jar", installed.toRealPath().resolve("culvert.jar").toString(), "demo");
        assertThat(builds()).isZero();
    }

    @Test
    void recordsClassesBehindABuildAndStartsWithThem() throws Exception {
        script(directory.resolve("jdk/bin/java"), """
            for word; do
              case $word in -XX:ArchiveClassesAtExit=*) echo record >"${word#*=}" ;; esac
              echo "$word"
            done
            """);
        run("relay");
        Path classes = jar.resolveSibling("culvert-17.0.15.jsa");
        await().until(() -> Files.exists(classes));

        assertThat(run("relay").out.lines())
                .containsSubsequence("-XX:SharedArchiveFile=" + classes, "-jar", jar.toString(), "relay");

        java("21.0.2");
        assertThat(run("relay").out).doesNotContain("-XX:SharedArchiveFile");
    }

    @Test
    void classesOfAnOlderProgramAreNotUsed() throws Exception {
        run();
        Path classes = Files.writeString(jar.resolveSibling("culvert-17.0.15.jsa"), "record");
        Files.setLastModifiedTime(classes, FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(run("relay").out).doesNotContain("-XX:SharedArchiveFile");
    }

    private void awaitBuilds(long count) {
        await().until(() -> builds() == count);
    }
}
