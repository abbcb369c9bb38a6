package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A JVM of its own, running a main class of ours the way an application would. */
final class JavaProcess implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final BufferedReader output;

    private JavaProcess(List<String> arguments, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.addAll(arguments);
        errors = Files.createTempFile("culvert-test", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TUNNEL_"));
        builder.environment().putAll(environment);
        process = builder.start();
        output = process.inputReader(StandardCharsets.UTF_8);
    }

    static JavaProcess start(List<String> arguments) throws IOException {
        return start(arguments, Map.of());
    }

    static JavaProcess start(List<String> arguments, Map<String, String> environment) throws IOException {
        return new JavaProcess(arguments, environment);
    }

    /** This JVM's class path. */
    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The part of the class path that an application gets which depends on {@code transport-tcp} only. */
    static String applicationPath() {
        List<String> artifacts = List.of(
                "tunnel-api",
                "tunnel-core",
                "transport-jetty",
                "transport-tcp",
                "jetty-",
                "jackson-",
                "slf4j-api",
                "jspecify");
        return Arrays.stream(classPath().split(File.pathSeparator))
                .filter(entry -> artifacts.stream().anyMatch(artifact -> isOf(entry, artifact)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Whether an entry is that artifact's jar, or the folder of its classes. */
    private static boolean isOf(String entry, String artifact) {
        Path path = Path.of(entry);
        return path.getFileName().toString().startsWith(artifact)
                || path.endsWith(Path.of(artifact, "target", "classes"));
    }

    /** The next line of standard output. */
    String line() throws IOException {
        String line = output.readLine();
        assertThat(line)
                .as(() -> "standard output of a process that said: " + errors())
                .isNotNull();
        return line;
    }

    /** Writes a line to standard input. */
    void say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException x) {
            return x.toString();
        }
    }

    /** Ends standard input. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Sends a signal, such as STOP or KILL, as {@code kill} does. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Waits until the process ends by itself. */
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS))
                .as(() -> "ended: " + errors())
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.delete(errors);
    }
}
