package io.culvert.tunnel.cli.config;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** The mistakes of one file, collected so that all are told at once. */
final class Problems {
    private static final int MAX_TOLD = 20;

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    private record Problem(int line, String text) {}

    Problems(String file) {
        this.file = file;
    }

    void add(Optional<Mark> where, String text) {
        add(where.map(mark -> mark.getLine() + 1).orElse(1), text);
    }

    private void add(int line, String text) {
        found.add(new Problem(line, text));
    }

    /**
     * Ends the reading.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} with every mistake on a line of its own, if there is one
     */
    void throwIfAny() {
        if (found.isEmpty()) {
            return;
        }
        String lines = found.stream()
                .sorted(Comparator.comparingInt(Problem::line))
                .limit(MAX_TOLD)
                .map(problem -> file + ":" + problem.line + ": " + problem.text)
                .collect(Collectors.joining(System.lineSeparator()));
        String more =
                found.size() > MAX_TOLD ? System.lineSeparator() + "… and " + (found.size() - MAX_TOLD) + " more" : "";
        throw new TunnelException(
                TunnelError.BAD_CONFIGURATION,
                "The configuration file has " + (found.size() == 1 ? "a mistake:" : found.size() + " mistakes:")
                        + System.lineSeparator() + lines + more);
    }
}
