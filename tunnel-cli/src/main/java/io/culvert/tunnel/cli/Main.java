package io.culvert.tunnel.cli;

import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.cli.bench.BenchCommand;
import io.culvert.tunnel.cli.check.CheckCommand;
import io.culvert.tunnel.cli.demo.DemoCommand;
import io.culvert.tunnel.cli.expose.ExposeCommand;
import io.culvert.tunnel.cli.relay.RelayCommand;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.cli.shell.Signals;
import io.culvert.tunnel.cli.shell.Stop;
import io.culvert.tunnel.cli.terminal.ProcessTerminal;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: finds the command that the arguments name and runs it. */
@Command(
        name = "culvert",
        mixinStandardHelpOptions = true,
        versionProvider = Build.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes a service on this machine reachable through a relay.",
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  TUNNEL_RELAY       the relay's address, unless --relay names one",
            "  TUNNEL_TOKEN       what proves to the relay who the agent is, unless --token-file names a file",
            "  CULVERT_JAVA_OPTS  options for the JVM, such as -Xmx256m",
            "  JAVA_HOME          the Java to run on, 17 or newer",
            "",
            "Exit codes:",
            "  0 fine, also after being told to end; 1 failed; 2 wrong usage; 3 refused by the relay",
            "",
            "To see it work: culvert demo"
        })
public final class Main {
    private static final int HELP_WIDTH = 100;
    private static final String LOG = "org.slf4j.simpleLogger.log.io.culvert";

    /** Commands that tell themselves what happens, and what is still worth logging there. */
    private static final Map<String, String> QUIET = Map.of("demo", "warn", "check", "error", "bench", "error");

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log more, to standard error.")
    private boolean verbose;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        Shell shell =
                new Shell(System.getenv(), System.out, System.err, new Stop(), new ProcessTerminal(System.getenv()));
        Signals.handle(shell.stop());
        System.exit(run(shell, args));
    }

    /** Runs a command and returns its exit code. */
    static int run(Shell shell, String... args) {
        Main main = new Main();
        CommandLine line = new CommandLine(main)
                .addSubcommand(new RelayCommand(shell))
                .addSubcommand(new ExposeCommand(shell))
                .addSubcommand(new CheckCommand(shell))
                .addSubcommand(new BenchCommand(shell))
                .addSubcommand(new DemoCommand(shell))
                .addSubcommand(new VersionCommand(shell))
                .addSubcommand(new CompletionCommand(shell))
                .addSubcommand(new HelpCommand())
                .setOut(new PrintWriter(shell.out(), true))
                .setErr(new PrintWriter(shell.err(), true))
                .setParameterExceptionHandler(Main::wrongUsage)
                .setExecutionExceptionHandler(main::failed)
                .setExecutionStrategy(main::execute);
        alike(line);
        int code = line.execute(args);
        shell.out().flush();
        return code;
    }

    /** What all commands have in common and need not say each. */
    private static void alike(CommandLine line) {
        CommandSpec program = line.getCommandSpec();
        program.usageMessage().width(HELP_WIDTH);
        for (CommandLine sub : line.getSubcommands().values()) {
            CommandSpec command = sub.getCommandSpec();
            command.mixinStandardHelpOptions(true).versionProvider(program.versionProvider());
            command.usageMessage().width(HELP_WIDTH).sortOptions(false).abbreviateSynopsis(true);
        }
    }

    private int execute(ParseResult result) {
        // Read by slf4j-simple when the first logger is made, which is after this.
        String command =
                result.hasSubcommand() ? result.subcommand().commandSpec().name() : "";
        if (verbose) {
            System.setProperty(LOG, "debug");
        } else if (QUIET.containsKey(command)) {
            setDefault(LOG, QUIET.get(command));
        }
        if (!result.hasSubcommand() && !result.isUsageHelpRequested() && !result.isVersionHelpRequested()) {
            throw new ParameterException(result.commandSpec().commandLine(), "No command given.");
        }
        return new CommandLine.RunLast().execute(result);
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static int wrongUsage(ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        String command = line.getCommandSpec().qualifiedName();
        PrintWriter err = line.getErr();
        err.println(command + ": " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + command + " --help'.");
        return ExitCode.USAGE;
    }

    private int failed(Exception failure, CommandLine line, ParseResult result) {
        String command = line.getCommandSpec().qualifiedName();
        PrintWriter err = line.getErr();
        int code = ExitCode.FAILED;
        if (failure instanceof TunnelException x) {
            code = ExitCode.of(x.error());
            String how = code == ExitCode.REFUSED ? "refused, " : "";
            err.println(command + ": " + x.getMessage() + " (" + how + x.error().code() + ")");
        } else {
            err.println(command + ": unexpected failure: " + failure);
        }
        if (verbose || !(failure instanceof TunnelException)) {
            failure.printStackTrace(err);
        }
        return code;
    }
}
