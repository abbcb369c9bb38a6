package io.culvert.tunnel.cli.relay;

import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.cli.options.DrainOption;
import io.culvert.tunnel.cli.shell.ExitCode;
import io.culvert.tunnel.cli.shell.Shell;
import io.culvert.tunnel.overview.RelayOverview;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a relay until told to end. */
@Command(
        name = "relay",
        description = {
            "Runs a relay: agents connect to it, and visitors reach the agents' tunnels through it.",
            "Its address for agents goes to standard output once it listens."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  culvert relay --bind 0.0.0.0 --port 8080 --domain example.test --token-file tokens",
            "  culvert relay --bind 0.0.0.0 --port 443 --domain example.test --token-file tokens \\",
            "      --tls-cert fullchain.pem --tls-key privkey.pem",
            "",
            "Exit codes:",
            "  0 ended when told to; 1 failed, such as a port in use; 2 wrong usage"
        })
public final class RelayCommand implements Callable<Integer> {
    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = {
                "The address to listen on (default: ${DEFAULT-VALUE}).",
                "Anything but loopback needs --token-file."
            })
    private String bind;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "The port to listen on, 0 for any (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--domain",
            paramLabel = "DOMAIN",
            defaultValue = "localhost",
            description = {
                "Tunnels are reached under names in it: NAME.DOMAIN (default: ${DEFAULT-VALUE}).",
                "Empty ('') to give each tunnel a port of its own instead."
            })
    private String domain;

    @Option(
            names = "--public-url",
            paramLabel = "URL",
            description = "How visitors address the domain if the relay stands behind another proxy,"
                    + " such as https://example.test.")
    private URI publicUrl;

    @Option(
            names = "--trusted-proxy",
            paramLabel = "ADDRESS",
            split = ",",
            description = "A proxy before the relay whose X-Forwarded-* fields are believed, such as 10.0.0.0/8.")
    private List<String> trustedProxies = List.of();

    @Option(
            names = "--half-closing-visitors",
            description = {
                "Answers visitors that end their direction of the connection behind a request.",
                "Else they count as gone, as TCP does not tell the two apart."
            })
    private boolean halfClosingVisitors;

    @Mixin
    private TlsOptions tls;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = {
                "Lets in agents that hold one of its tokens: one a line, perhaps followed by the names and hosts",
                "that it may claim. Read again when it changes.",
                "Without it every agent is let in, which is possible on loopback only."
            })
    private Path tokenFile;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            split = ",",
            description = "Allows these transports only (default: all).")
    private List<String> transports = List.of();

    @Option(
            names = "--slots",
            paramLabel = "COUNT",
            defaultValue = "8",
            description = "Connections that an agent holds ready with the transport tcp (default: ${DEFAULT-VALUE}).")
    private int slots;

    @Option(
            names = "--slots-at-most",
            paramLabel = "COUNT",
            defaultValue = "64",
            description = "Those that it may come to hold while many are in use (default: ${DEFAULT-VALUE}).")
    private int slotsAtMost;

    @Mixin
    private LimitOptions limits;

    @Mixin
    private TimeoutOptions timeouts;

    @Mixin
    private AdminPort admin;

    @Mixin
    private DrainOption drain;

    private final Shell shell;

    /** Made once for a command line. */
    public RelayCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        TunnelRelay.Builder builder = TunnelRelay.builder()
                .bind(bind)
                .port(port)
                .transports(transports.toArray(String[]::new))
                .slots(slots)
                .slotsAtMost(slotsAtMost)
                .limits(limits::applyTo)
                .timeouts(timeouts::applyTo)
                .trustedProxies(trustedProxies.toArray(String[]::new))
                .halfClosingVisitors(halfClosingVisitors)
                .drainTimeout(drain.applyTo(shell.stop()));
        if (!domain.isBlank()) {
            builder.domain(domain);
        }
        if (publicUrl != null) {
            builder.publicUrl(publicUrl);
        }
        tls.keys(shell).ifPresent(builder::tls);
        tls.applyTo(builder);
        if (tokenFile != null) {
            builder.authenticator(Authenticator.tokens(tokenFile));
        }
        Optional<RelayOverview> overview = admin.applyTo(builder);
        try (TunnelRelay relay = builder.start()) {
            overview.ifPresent(page -> page.show(relay));
            relay.adminUri().ifPresent(uri -> shell.err().println("Admin port: " + uri));
            shell.out().println(relay.uri());
            shell.stop().await();
        } finally {
            overview.ifPresent(RelayOverview::close);
        }
        return ExitCode.OK;
    }
}
