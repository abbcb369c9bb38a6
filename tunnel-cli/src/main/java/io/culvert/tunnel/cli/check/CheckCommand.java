package io.culvert.tunnel.cli.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.tunnel.cli.options.RelayAccess;
import io.culvert.tunnel.cli.options.RelaySettings;
import io.culvert.tunnel.cli.options.Transports;
import io.culvert.tunnel.cli.shell.Background;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.cli.terminal.Style;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells whether a relay can be used from here, and what is in the way if not. */
@Command(
        name = "check",
        description =
                "Tells whether a relay can be used from here: looks at its name, the connection, a proxy, TLS, the token and each"
                        + " transport in turn, carries real bytes through a throw-away tunnel, and says what to do about what fails.",
        footerHeading = "%nEnvironment:%n",
        footer = {
            RelayAccess.ENVIRONMENT_RELAY,
            RelayAccess.ENVIRONMENT_TOKEN,
            RelayAccess.ENVIRONMENT_PROXY,
            "",
            "Examples:",
            "  TUNNEL_TOKEN=… culvert check --relay wss://relay.example.test",
            "  culvert check --token-file token --transport control --json",
            "",
            "Exit codes:",
            "  0 it works, by one transport at least (by each one that --transport names); 1 it does not;",
            "  2 wrong usage; 3 the relay refuses the token, the name or the version"
        })
public final class CheckCommand implements Callable<Integer> {
    @Mixin
    private RelayAccess access;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = {
                "Carries bytes under this name instead of a random one, for tokens that may claim certain names only.",
                "It is taken over from an agent of the same token that has it now."
            })
    private String name;

    @Option(names = "--json", description = "Prints one JSON object instead of the list.")
    private boolean json;

    private final Shell shell;

    /** Made once for a command line. */
    public CheckCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws Exception {
        RelaySettings settings = access.settings();
        String relay = settings.agent(shell).options().relay().orElseThrow().toString();
        List<String> transports = settings.transports().isEmpty() ? Transports.found() : settings.transports();
        Style style = shell.style();
        Checklist list = new Checklist(!settings.transports().isEmpty());
        if (!json) {
            shell.out().println("Checking " + relay);
        }
        Check check = new Check(
                () -> settings.agent(shell),
                transports,
                Optional.ofNullable(name),
                settings.tokenSource(shell),
                finding -> {
                    list.add(finding);
                    if (!json) {
                        Checklist.lines(finding, style).forEach(shell.out()::println);
                    }
                });
        if (!shell.stop().await(Background.run("culvert-check", check::run))) {
            return ExitCode.FAILED;
        }
        shell.out().println(json ? write(list, relay) : list.summary(style));
        return list.exitCode();
    }

    private static String write(Checklist list, String relay) throws JsonProcessingException {
        return JsonMapper.builder().build().writeValueAsString(list.json(relay));
    }
}
