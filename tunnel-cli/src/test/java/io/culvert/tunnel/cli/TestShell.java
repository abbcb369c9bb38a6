package io.culvert.tunnel.cli;

import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.cli.shell.Stop;
import io.culvert.tunnel.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Runs the program inside the test and keeps what it printed. */
public final class TestShell {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Stop stop = new Stop();
    private final Shell shell;

    public TestShell() {
        this(Map.of());
    }

    public TestShell(Map<String, String> environment) {
        this(environment, Terminal.NONE);
    }

    public TestShell(Map<String, String> environment, Terminal terminal) {
        shell = new Shell(
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                stop,
                terminal);
    }

    /** Runs a command to its end. */
    public int run(String... args) {
        return Main.run(shell, args);
    }

    /** Runs a command beside the test. */
    public CompletableFuture<Integer> start(String... args) {
        return CompletableFuture.supplyAsync(() -> run(args), work -> {
            Thread thread = new Thread(work, "test-command");
            thread.setDaemon(true);
            thread.start();
        });
    }

    public Stop stop() {
        return stop;
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
