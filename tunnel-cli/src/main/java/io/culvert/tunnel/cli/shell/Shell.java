package io.culvert.tunnel.cli.shell;

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
 */
public record Shell(Map<String, String> environment, PrintStream out, PrintStream err, Stop stop) {
    /** An environment variable; empty if it is unset or blank. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }
}
