package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.cli.shell.Shell;
import java.time.InstantSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the command tells what its tunnels do. */
final class ViewOptions {
    @Option(
            names = "--json",
            description = "Prints one JSON object a line for each thing that happens, for scripts (see docs/CLI.md).")
    private boolean json;

    @Option(
            names = "--plain",
            description = "Prints the public URL and then the log, also on a terminal, which else shows a live status.")
    private boolean plain;

    @Option(names = "--qr", description = "Shows the public URL as a QR code too, the first one if there are several.")
    private boolean qr;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Refuses what cannot be together. */
    void check() {
        if (json && (plain || qr)) {
            throw new ParameterException(command.commandLine(), "--json excludes --plain and --qr.");
        }
    }

    /** The view; it may take the terminal over at once. */
    View open(Shell shell, String relay) {
        if (json) {
            return new JsonView(shell.out(), InstantSource.system());
        }
        return plain || !shell.terminal().isThere() ? new PlainView(shell, qr) : new LiveView(shell, relay, qr);
    }
}
