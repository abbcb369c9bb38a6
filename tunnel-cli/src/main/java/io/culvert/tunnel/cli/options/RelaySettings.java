package io.culvert.tunnel.cli.options;

import io.culvert.tunnel.TlsKeys;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.cli.shell.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How an agent reaches its relay and proves to it who it is. What is empty comes from the environment.
 *
 * @param relay the relay's address
 * @param tokenFile holds the token
 * @param tokenVariable the environment variable that holds the token, unless there is a file
 * @param trust holds the certificates that vouch for the relay
 * @param certificate holds the agent's own certificate
 * @param key holds its key
 * @param proxy the HTTP proxy on the way to the relay, for {@link ProxyAddress#read}
 * @param transports what to offer, the preferred first; empty for all
 */
public record RelaySettings(
        Optional<String> relay,
        Optional<Path> tokenFile,
        Optional<String> tokenVariable,
        Optional<Path> trust,
        Optional<Path> certificate,
        Optional<Path> key,
        Optional<String> proxy,
        List<String> transports) {
    private static final String RELAY = "TUNNEL_RELAY";
    private static final String TOKEN = "TUNNEL_TOKEN";

    /** These, and where they say nothing the other's. */
    public RelaySettings or(RelaySettings other) {
        boolean token = tokenFile.isPresent() || tokenVariable.isPresent();
        return new RelaySettings(
                relay.or(other::relay),
                token ? tokenFile : other.tokenFile,
                token ? tokenVariable : other.tokenVariable,
                trust.or(other::trust),
                certificate.isPresent() ? certificate : other.certificate,
                certificate.isPresent() ? key : other.key,
                proxy.or(other::proxy),
                transports.isEmpty() ? other.transports : transports);
    }

    /** Whether a relay is named, here or in the environment. */
    public boolean namesRelay(Shell shell) {
        return relay.isPresent() || shell.variable(RELAY).isPresent();
    }

    /** Where the token comes from, in words. */
    public String tokenSource(Shell shell) {
        String variable = tokenVariable.orElse(TOKEN);
        return tokenFile
                .map(file -> "the token of " + file)
                .orElse(shell.variable(variable).isPresent() ? "the token of " + variable : "no token");
    }

    /**
     * An agent's builder with all of it.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if no relay is known, or a value is of no use
     */
    public TunnelAgent.Builder agent(Shell shell) {
        String address = relay.or(() -> shell.variable(RELAY))
                .orElseThrow(() -> new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "No relay is known: name one with --relay ws://HOST:PORT, or set " + RELAY + "."));
        TunnelAgent.Builder builder =
                TunnelAgent.builder().relay(address).transports(transports.toArray(String[]::new));
        token(shell).ifPresent(builder::token);
        trust.ifPresent(builder::trust);
        if (certificate.isPresent() != key.isPresent()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The agent's certificate and its key need each other: give both --cert and --key.");
        }
        certificate.ifPresent(chain -> builder.certificate(TlsKeys.pem(chain, key.orElseThrow())));
        proxy.map(ProxyAddress::read).ifPresent(builder::proxy);
        return builder;
    }

    private Optional<String> token(Shell shell) {
        if (tokenFile.isPresent()) {
            return tokenFile.map(AgentToken::read);
        }
        if (tokenVariable.isPresent() && shell.variable(tokenVariable.get()).isEmpty()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    "The token should be in the environment variable " + tokenVariable.get() + ", which is not set.");
        }
        return shell.variable(tokenVariable.orElse(TOKEN));
    }
}
