package io.culvert.tunnel.cli.shell;

import io.culvert.tunnel.cli.terminal.Style;
import io.culvert.tunnel.cli.terminal.Terminal;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/**
 * What a command has of the process it runs in.
 *
 * @param environment the environment variables
 * @param out for what a script reads: the URL
 * @param err for everything that a person reads
 * @param stop tells when to end
 * @param terminal what {@code out} is
 */
public record Shell(Map<String, String> environment, PrintStream out, PrintStream err, Stop stop, Terminal terminal) {
    /** An environment variable; empty if it is unset or blank. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** How text on {@code out} looks. */
    public Style style() {
        return Style.of(terminal, environment);
    }
}
