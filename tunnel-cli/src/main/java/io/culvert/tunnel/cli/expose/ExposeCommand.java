package io.culvert.tunnel.cli.expose;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.options.DrainOption;
import io.culvert.tunnel.cli.options.RelayAccess;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an agent with one tunnel until told to end or refused. */
@Command(
        name = "expose",
        description = {
            "Makes a local service reachable through a relay, until told to end.",
            "The public URL goes to standard output once visitors can use it; state changes go to standard error."
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            RelayAccess.ENVIRONMENT_RELAY,
            RelayAccess.ENVIRONMENT_TOKEN,
            RelayAccess.ENVIRONMENT_PROXY,
            "",
            "Examples:",
            "  TUNNEL_TOKEN=… culvert expose 3000 --relay wss://relay.example.test --name demo",
            "  culvert expose https://localhost:8443 --local-insecure --relay ws://127.0.0.1:8080",
            "",
            "Exit codes:",
            "  0 ended when told to; 1 failed; 2 wrong usage; 3 refused by the relay"
        })
public final class ExposeCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "SERVICE",
            description = "The local service: PORT, HOST:PORT, http://HOST:PORT or https://HOST:PORT.")
    private String service;

    @Mixin
    private RelayAccess access;

    @Mixin
    private TunnelOptions tunnel;

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
        TunnelSpec spec;
        TunnelAgent.Builder builder;
        try {
            spec = tunnel.spec(service);
            builder = access.agent(shell);
        } catch (TunnelException x) {
            throw new ParameterException(command.commandLine(), x.getMessage(), x);
        }
        builder.connectTimeout(Duration.ZERO).drainTimeout(drain.applyTo(shell.stop()));
        try (TunnelAgent agent = builder.build()) {
            // On a thread of its own: the end can be asked for while the relay is still out of reach.
            CompletableFuture<Tunnel> opening =
                    CompletableFuture.supplyAsync(() -> agent.expose(spec), ExposeCommand::startDaemon);
            if (shell.stop().await(opening)) {
                Tunnel open = opening.join();
                shell.out().println(open.publicUrl());
                shell.out().flush();
                shell.stop().await(open.closed().toCompletableFuture());
            }
        }
        return ExitCode.OK;
    }

    private static void startDaemon(Runnable work) {
        Thread thread = new Thread(work, "culvert-expose");
        thread.setDaemon(true);
        thread.start();
    }
}
