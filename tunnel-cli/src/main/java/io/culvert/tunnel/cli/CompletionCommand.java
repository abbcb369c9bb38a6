package io.culvert.tunnel.cli;

import io.culvert.tunnel.cli.shell.Shell;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that makes a shell complete this program's commands and options. */
@Command(
        name = "completion",
        description = "Prints a script with which bash or zsh completes commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(culvert completion bash)            # for this shell, or in ~/.bashrc for each",
            "  source <(culvert completion zsh)             # in ~/.zshrc, after compinit",
            "  culvert completion bash > /etc/bash_completion.d/culvert"
        })
final class CompletionCommand implements Runnable {
    /** The shells that there is a script for. */
    enum For {
        bash,
        zsh
    }

    @Parameters(
            index = "0",
            paramLabel = "SHELL",
            defaultValue = "bash",
            description = "The shell: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private For shellName;

    @Spec
    private CommandSpec command;

    private final Shell shell;

    CompletionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        if (shellName == For.zsh) {
            // The script is bash's; zsh runs it once it emulates bash's completion.
            shell.out().println("autoload -U +X bashcompinit && bashcompinit");
        }
        shell.out().println(AutoComplete.bash("culvert", command.root().commandLine()));
    }
}
