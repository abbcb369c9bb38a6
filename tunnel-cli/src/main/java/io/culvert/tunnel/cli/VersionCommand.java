package io.culvert.tunnel.cli;

import io.culvert.tunnel.cli.shell.Shell;
import picocli.CommandLine.Command;

/** Tells what {@code --version} tells. */
@Command(
        name = "version",
        description = "Prints version, commit, Java and the transports that are there.",
        footerHeading = "%nExample:%n",
        footer = "  culvert version")
final class VersionCommand implements Runnable {
    private final Shell shell;

    VersionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        for (String line : new Build().getVersion()) {
            shell.out().println(line);
        }
    }
}
