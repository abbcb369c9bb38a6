package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.cli.shell.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How an agent reaches its relay and proves to it who it is. Mixed into every command that runs an agent. */
public final class RelayAccess {
    /** For the foot of such a command's help. */
    public static final String ENVIRONMENT_RELAY = "  TUNNEL_RELAY  the relay's address, unless --relay names one";

    /** For the foot of such a command's help. */
    public static final String ENVIRONMENT_TOKEN = "  TUNNEL_TOKEN  the token, unless --token-file names a file";

    /** For the foot of such a command's help. */
    public static final String ENVIRONMENT_PROXY =
            "  HTTPS_PROXY   the HTTP proxy to a wss relay; HTTP_PROXY to a ws relay; NO_PROXY for hosts without";

    @Option(
            names = {"-r", "--relay"},
            paramLabel = "URL",
            description = "The relay's address: ws://HOST:PORT or wss://HOST:PORT (default: $TUNNEL_RELAY).")
    private String relay;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Reads the token from a file: the first word of its first line (default: $TUNNEL_TOKEN).")
    private Path tokenFile;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "For a wss relay: trusts the certificates in this PEM file, not the JDK's authorities.")
    private Path trust;

    @Option(
            names = {"-t", "--transport"},
            paramLabel = "NAME",
            split = ",",
            description = "How streams travel: tcp, control, or several in order of preference (default: all).")
    private List<String> transports = List.of();

    /** The transports that are asked for, the preferred first; empty for all. */
    public List<String> transports() {
        return transports;
    }

    /** Where the token comes from, in words: for messages. */
    public String tokenSource(Shell shell) {
        if (tokenFile != null) {
            return "the token of " + tokenFile;
        }
        return shell.variable("TUNNEL_TOKEN").isPresent() ? "the token of TUNNEL_TOKEN" : "no token";
    }

    /**
     * An agent's builder with all of it.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if no relay is known, or a value is of no use
     */
    public TunnelAgent.Builder agent(Shell shell) {
        String address = Optional.ofNullable(relay)
                .or(() -> shell.variable("TUNNEL_RELAY"))
                .orElseThrow(() -> new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "No relay is known: name one with --relay ws://HOST:PORT, or set TUNNEL_RELAY."));
        TunnelAgent.Builder builder =
                TunnelAgent.builder().relay(address).transports(transports.toArray(String[]::new));
        Optional.ofNullable(tokenFile)
                .map(AgentToken::read)
                .or(() -> shell.variable("TUNNEL_TOKEN"))
                .ifPresent(builder::token);
        if (trust != null) {
            builder.trust(trust);
        }
        return builder;
    }
}
