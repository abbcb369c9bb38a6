package io.culvert.tunnel.cli;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an agent with one tunnel until told to end or refused. */
@Command(
        name = "expose",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        usageHelpWidth = 100,
        description = {
            "Makes a local service reachable through a relay, until told to end.",
            "The public URL goes to standard output once visitors can use it; state changes go to standard error."
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  TUNNEL_RELAY  the relay's address, unless --relay names one",
            "  TUNNEL_TOKEN  the token, unless --token-file names a file",
            "  HTTPS_PROXY   the HTTP proxy on the way to a wss relay; HTTP_PROXY to a ws relay; NO_PROXY for none",
            "",
            "Examples:",
            "  TUNNEL_TOKEN=… culvert expose 3000 --relay wss://relay.example.test --name demo",
            "  culvert expose https://localhost:8443 --local-insecure --relay ws://127.0.0.1:8080",
            "",
            "Exit codes:",
            "  0 ended when told to; 1 failed; 2 wrong usage; 3 refused by the relay"
        })
final class ExposeCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "SERVICE",
            description = "The local service: PORT, HOST:PORT, http://HOST:PORT or https://HOST:PORT.")
    private String service;

    @Option(
            names = {"-r", "--relay"},
            paramLabel = "URL",
            description = "The relay's address: ws://HOST:PORT or wss://HOST:PORT (default: $TUNNEL_RELAY).")
    private String relay;

    @Option(
            names = {"-n", "--name"},
            paramLabel = "NAME",
            description = "The tunnel's name under the relay's domain (default: a random one).")
    private String name;

    @Option(
            names = {"-t", "--transport"},
            paramLabel = "NAME",
            split = ",",
            description = "How streams travel: tcp, control, or several in order of preference (default: all).")
    private List<String> transports = List.of();

    @Option(
            names = "--local-host",
            paramLabel = "HOST",
            defaultValue = "localhost",
            description =
                    "Where the service listens if SERVICE is a mere port (default: ${DEFAULT-VALUE}, IPv4 or IPv6).")
    private String localHost;

    @Option(
            names = "--local-trust",
            paramLabel = "FILE",
            description = "For an https service: trusts the certificates in this PEM file, not the JDK's authorities.")
    private Path localTrust;

    @Option(names = "--local-insecure", description = "For an https service: takes any certificate.")
    private boolean localInsecure;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "For a wss relay: trusts the certificates in this PEM file, not the JDK's authorities.")
    private Path trust;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "A host of your own whose DNS points at the relay, such as app.example.org.")
    private String host;

    @Option(
            names = "--host-header",
            paramLabel = "HOST",
            description = "The Host that the local service sees, such as localhost:3000 (default: the visitor's).")
    private String hostHeader;

    @Option(
            names = "--public-port",
            paramLabel = "PORT",
            description = "A port of the tunnel's own at the relay; 0 for any.")
    private Integer publicPort;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Reads the token from a file: the first word of its first line (default: $TUNNEL_TOKEN).")
    private Path tokenFile;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long open connections may take to finish at the end (default: ${DEFAULT-VALUE}).")
    private int drainSeconds;

    @Spec
    private CommandSpec command;

    private final Shell shell;

    ExposeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        TunnelSpec spec;
        try {
            spec = spec();
        } catch (TunnelException x) {
            throw new ParameterException(command.commandLine(), x.getMessage(), x);
        }
        Stop stop = shell.stop();
        Duration drain = Duration.ofSeconds(drainSeconds);
        stop.drainsWithin(drain);
        try (TunnelAgent agent = agent(drain)) {
            // On a thread of its own: the end can be asked for while the relay is still out of reach.
            CompletableFuture<Tunnel> opening =
                    CompletableFuture.supplyAsync(() -> agent.expose(spec), ExposeCommand::startDaemon);
            if (stop.await(opening)) {
                Tunnel tunnel = opening.join();
                shell.out().println(tunnel.publicUrl());
                shell.out().flush();
                stop.await(tunnel.closed().toCompletableFuture());
            }
        }
        return ExitCode.OK;
    }

    private TunnelSpec spec() {
        LocalService local = LocalService.of(service, localHost);
        TunnelSpec.Builder builder = TunnelSpec.builder(local.port()).localHost(local.host());
        localTls(local).ifPresent(builder::localTls);
        if (name != null) {
            builder.name(name);
        }
        if (host != null) {
            builder.host(host);
        }
        if (hostHeader != null) {
            builder.hostHeader(hostHeader);
        }
        if (publicPort != null) {
            builder.publicPort(publicPort);
        }
        return builder.build();
    }

    private Optional<LocalTls> localTls(LocalService local) {
        if (localInsecure && localTrust != null) {
            throw wrongUsage("--local-trust and --local-insecure exclude each other.");
        }
        if (!local.tls()) {
            if (localInsecure || localTrust != null) {
                throw wrongUsage("--local-trust and --local-insecure need a service at https://HOST:PORT.");
            }
            return Optional.empty();
        }
        if (localInsecure) {
            return Optional.of(LocalTls.insecure());
        }
        return Optional.of(localTrust == null ? LocalTls.verified() : LocalTls.trusting(localTrust));
    }

    private ParameterException wrongUsage(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private TunnelAgent agent(Duration drain) {
        String address = Optional.ofNullable(relay)
                .or(() -> shell.variable("TUNNEL_RELAY"))
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(),
                        "No relay is known: name one with --relay ws://HOST:PORT, or set TUNNEL_RELAY."));
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .relay(address)
                .transports(transports.toArray(String[]::new))
                .connectTimeout(Duration.ZERO)
                .drainTimeout(drain);
        Optional.ofNullable(tokenFile)
                .map(AgentToken::read)
                .or(() -> shell.variable("TUNNEL_TOKEN"))
                .ifPresent(builder::token);
        if (trust != null) {
            builder.trust(trust);
        }
        return builder.build();
    }

    private static void startDaemon(Runnable work) {
        Thread thread = new Thread(work, "culvert-expose");
        thread.setDaemon(true);
        thread.start();
    }
}
