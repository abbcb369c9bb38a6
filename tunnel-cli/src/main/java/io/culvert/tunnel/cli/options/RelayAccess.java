package io.culvert.tunnel.cli.options;

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
            names = "--cert",
            paramLabel = "FILE",
            description = {
                "For a wss relay that asks agents for a certificate: shows this one, PEM, with its chain.",
                "Needs --key. Read again when it changes."
            })
    private Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "The certificate's private key: PEM, not encrypted.")
    private Path key;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description = "The HTTP proxy to the relay: http://HOST:PORT (default: $HTTPS_PROXY or $HTTP_PROXY).")
    private String proxy;

    @Option(
            names = {"-t", "--transport"},
            paramLabel = "NAME",
            split = ",",
            description = "How streams travel: tcp, control, or several in order of preference (default: all).")
    private List<String> transports = List.of();

    /** The options as they were given. */
    public RelaySettings settings() {
        return new RelaySettings(
                Optional.ofNullable(relay),
                Optional.ofNullable(tokenFile),
                Optional.empty(),
                Optional.ofNullable(trust),
                Optional.ofNullable(certificate),
                Optional.ofNullable(key),
                Optional.ofNullable(proxy),
                transports);
    }
}
