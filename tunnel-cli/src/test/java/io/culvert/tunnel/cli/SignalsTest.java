package io.culvert.tunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process of its own makes of signals. */
@DisabledOnOs(OS.WINDOWS)
class SignalsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path directory;

    private Process process;

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void start(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(args));
        process = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    private String printed(String to) throws IOException {
        return Files.readString(directory.resolve(to));
    }

    private void send(String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    private static boolean ignoresHangUps() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> Long.parseUnsignedLong(
                            line.substring("SigIgn:".length()).trim(), 16))
                    .anyMatch(ignored -> (ignored & 1) != 0);
        }
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("it ended")
                .isTrue();
        return process.exitValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "HUP"})
    void aRelayToldToEndExitsWithZero(String signal) throws Exception {
        assumeFalse(ignoresHangUps() && signal.equals("HUP"), "started by nohup, as a child it ignores the signal too");
        start("relay", "--port", "0");
        await().atMost(PATIENCE).until(() -> printed("out").endsWith("\n"));
        send(signal);
        assertThat(exitCode()).isZero();
        assertThat(printed("out")).hasLineCount(1).startsWith("ws://127.0.0.1:");
    }

    @Test
    void anAgentWithoutARelayExitsWithZeroToo() throws Exception {
        start("expose", "3000", "--relay", "ws://127.0.0.1:1", "--verbose");
        await().atMost(PATIENCE).until(() -> printed("err").contains("ws://127.0.0.1:1 could not be reached"));
        send("TERM");
        assertThat(exitCode()).isZero();
        assertThat(printed("out")).isEmpty();
    }
}
