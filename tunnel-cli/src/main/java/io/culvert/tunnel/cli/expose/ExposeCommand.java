package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.cli.config.ConfigFile;
import io.culvert.tunnel.cli.config.ExposeConfig;
import io.culvert.tunnel.cli.options.DrainOption;
import io.culvert.tunnel.cli.options.RelayAccess;
import io.culvert.tunnel.cli.options.RelaySettings;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs tunnels until told to end or refused. */
@Command(
        name = "expose",
        description = {
            "Makes local services reachable through a relay, until told to end.",
            "The public URL of each goes to standard output once visitors can use it; state changes go to standard error."
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            RelayAccess.ENVIRONMENT_RELAY,
            RelayAccess.ENVIRONMENT_TOKEN,
            RelayAccess.ENVIRONMENT_PROXY,
            "",
            "Examples:",
            "  TUNNEL_TOKEN=… culvert expose 3000 --relay wss://relay.example.test --name demo",
            "  culvert expose web=3000 api=8080 --relay wss://relay.example.test --token-file token",
            "  culvert expose --config culvert.yml",
            "  culvert expose https://localhost:8443 --local-insecure --relay ws://127.0.0.1:8080",
            "",
            "Exit codes:",
            "  0 ended when told to; 1 failed; 2 wrong usage; 3 refused by the relay"
        })
public final class ExposeCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "SERVICE",
            description = {
                "A local service: PORT, HOST:PORT, http://HOST:PORT or https://HOST:PORT; several with NAME= before each,",
                "such as web=3000 api=8080."
            })
    private List<String> services = List.of();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Reads tunnels and relay from a YAML file instead; options here come before what it says.")
    private Path config;

    @Mixin
    private RelayAccess access;

    @Mixin
    private TunnelOptions tunnel;

    @Mixin
    private ViewOptions views;

    @Mixin
    private InspectOptions inspect;

    @Mixin
    private DrainOption drain;

    @Spec
    private CommandSpec command;

    private final Shell shell;

    /** Made once for a command line. */
    public ExposeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        views.check();
        Plan plan;
        String relay;
        try {
            plan = config == null ? ofServices() : ofFile();
            // What is wrong is told before anything is shown.
            relay = plan.relay.agent(shell).options().relay().orElseThrow().toString();
        } catch (TunnelException x) {
            throw new ParameterException(command.commandLine(), x.getMessage(), x);
        }
        try (View view = views.open(shell, relay);
                Inspection inspection = inspect.open(view);
                Exposure exposure =
                        new Exposure(plan.wanted, transports -> agent(plan, transports, view, inspection))) {
            // The end can be asked for while the relay is still out of reach.
            CompletableFuture<List<Exposure.Exposed>> opening = exposure.open();
            if (shell.stop().await(opening)) {
                view.exposed(opening.join());
                shell.stop().await(Exposure.over(opening.join()));
            }
        }
        return ExitCode.OK;
    }

    /** What is asked for, from wherever. */
    private record Plan(List<Exposure.Wanted> wanted, RelaySettings relay, Duration drainTime) {}

    private Plan ofServices() {
        if (services.isEmpty()) {
            throw new ParameterException(command.commandLine(), "Nothing to expose: name a SERVICE or --config FILE.");
        }
        return new Plan(tunnel.wanted(services, shell), access.settings(), drain.applyTo(shell.stop()));
    }

    private Plan ofFile() {
        if (!services.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(), "SERVICE and --config exclude each other: write the service into the file.");
        }
        tunnel.refuseBeside("--config");
        ExposeConfig file = ConfigFile.read(config);
        List<Exposure.Wanted> wanted = file.tunnels().stream()
                .map(entry -> new Exposure.Wanted(entry.spec(), entry.transports()))
                .toList();
        return new Plan(wanted, access.settings().or(file.relay()), drain.applyTo(shell.stop(), file.drainSeconds()));
    }

    private TunnelAgent agent(Plan plan, List<String> transports, View view, Inspection inspection) {
        TunnelAgent.Builder builder =
                plan.relay.agent(shell).connectTimeout(Duration.ZERO).drainTimeout(plan.drainTime);
        if (!transports.isEmpty()) {
            builder.transports(transports.toArray(String[]::new));
        }
        view.observe(builder);
        inspection.attachTo(builder, view.requests());
        return builder.build();
    }
}
