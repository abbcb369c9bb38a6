package io.culvert.tunnel.benchmarks.growth;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link RoleMain} that runs, with the JVM's own settings. For one thread. */
final class RoleProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final String role;
    private final Process process;
    private final BufferedReader said;
    private final Writer orders;

    RoleProcess(String role, String... args) throws IOException {
        this.role = role;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                RoleMain.class.getName(),
                role));
        command.addAll(List.of(args));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        said = process.inputReader(StandardCharsets.US_ASCII);
        orders = process.outputWriter(StandardCharsets.US_ASCII);
    }

    /** What it says next, behind this word. */
    String hear(String word) throws IOException {
        String line = said.readLine();
        if (line == null || !line.startsWith(word)) {
            throw new IOException("The " + role + " should say '" + word + "', but said '" + line + "'.");
        }
        return line.substring(word.length()).trim();
    }

    void order(String line) throws IOException {
        orders.write(line + "\n");
        orders.flush();
    }

    /** Processor time so far, of all its threads, in system and user mode; in the system's ticks of usually 10 ms. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Has it close, and fails if it leaves something behind. */
    @Override
    public void close() throws IOException {
        orders.close();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("The " + role + " did not close within " + PATIENCE_SECONDS + " s.");
            }
        } catch (InterruptedException x) {
            throw (IOException) new InterruptedIOException("Interrupted while the " + role + " closes.").initCause(x);
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException("The " + role + " ended with " + process.exitValue() + ".");
        }
    }
}
