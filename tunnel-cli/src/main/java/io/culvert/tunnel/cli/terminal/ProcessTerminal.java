package io.culvert.tunnel.cli.terminal;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The process's own standard output. The JDK tells only whether standard input and output are both terminals, by
 * {@link System#console()} before release 22 and by {@code Console.isTerminal} since, and never a terminal's size, so the system's own
 * {@code test} and {@code stty} are asked.
 */
public final class ProcessTerminal implements Terminal {
    private static final Pattern STTY_SIZE = Pattern.compile("([0-9]{1,4}) ([0-9]{1,4})");
    private static final long PATIENCE_MILLIS = 2_000;

    private final Map<String, String> environment;
    private Boolean there; // guarded by this; null until it was asked for

    /** A terminal with the process's environment. */
    public ProcessTerminal(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public synchronized boolean isThere() {
        if (there == null) {
            String kind = environment.getOrDefault("TERM", "");
            there = !kind.isBlank() && !kind.equals("dumb") && (isConsole() || isOutputTerminal());
        }
        return there;
    }

    private static boolean isConsole() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException x) {
            return true; // before release 22 there is none unless it is a terminal
        } catch (ReflectiveOperationException x) {
            return false;
        }
    }

    /** Standard input may come from elsewhere. */
    private static boolean isOutputTerminal() {
        ProcessBuilder test = new ProcessBuilder("test", "-t", "1")
                .redirectOutput(Redirect.INHERIT)
                .redirectError(Redirect.DISCARD);
        return run(test).isPresent();
    }

    @Override
    public boolean takesErrors() {
        return run(new ProcessBuilder("test", "-t", "2").redirectError(Redirect.INHERIT))
                .isPresent();
    }

    @Override
    public Size size() {
        File device = new File("/dev/tty");
        if (device.exists()) {
            Optional<String> told = run(new ProcessBuilder("stty", "size")
                    .redirectInput(Redirect.from(device))
                    .redirectError(Redirect.DISCARD));
            Optional<Size> size = told.flatMap(ProcessTerminal::parse);
            if (size.isPresent()) {
                return size.get();
            }
        }
        return new Size(number("COLUMNS", Size.USUAL.columns()), number("LINES", Size.USUAL.rows()));
    }

    /** Reads {@code rows columns}; empty if it is something else, or a terminal that does not know and says 0. */
    static Optional<Size> parse(String told) {
        Matcher matcher = STTY_SIZE.matcher(told.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int rows = Integer.parseInt(matcher.group(1));
        int columns = Integer.parseInt(matcher.group(2));
        return rows == 0 || columns == 0 ? Optional.empty() : Optional.of(new Size(columns, rows));
    }

    private int number(String variable, int otherwise) {
        String value = environment.getOrDefault(variable, "").strip();
        return value.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(value) : otherwise;
    }

    /** What a command printed; empty if it is not there or did not end well. */
    private static Optional<String> run(ProcessBuilder command) {
        Process process = null;
        try {
            process = command.start();
            if (!process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                return Optional.empty();
            }
            return Optional.of(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException x) {
            return Optional.empty();
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            if (process != null) {
                process.destroy();
            }
        }
    }
}
