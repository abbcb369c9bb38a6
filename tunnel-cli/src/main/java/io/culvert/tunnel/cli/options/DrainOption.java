package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.cli.shell.Stop;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long the end may take. */
public final class DrainOption {
    private static final int USUAL_SECONDS = 30;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            description = "How long open connections may take to finish at the end (default: 30).")
    private Integer seconds;

    /** The time, of which the process' end is told. */
    public Duration applyTo(Stop stop) {
        return applyTo(stop, Optional.empty());
    }

    /** The time, of which the process' end is told; if none is named here, the other. */
    public Duration applyTo(Stop stop, Optional<Integer> otherSeconds) {
        Duration time = Duration.ofSeconds(
                Optional.ofNullable(seconds).or(() -> otherSeconds).orElse(USUAL_SECONDS));
        stop.drainsWithin(time);
        return time;
    }
}
