package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.cli.shell.Stop;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long the end may take. */
public final class DrainOption {
    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long open connections may take to finish at the end (default: ${DEFAULT-VALUE}).")
    private int seconds;

    /** The time, of which the process' end is told. */
    public Duration applyTo(Stop stop) {
        Duration time = Duration.ofSeconds(seconds);
        stop.drainsWithin(time);
        return time;
    }
}
