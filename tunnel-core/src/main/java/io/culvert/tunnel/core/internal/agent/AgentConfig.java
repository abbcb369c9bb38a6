package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which relay an agent dials, and with what token.
 *
 * @param relay the relay's address
 * @param token what proves who the agent is; never log it
 */
public record AgentConfig(URI relay, Optional<String> token) {
    /** The system property that names the relay. */
    public static final String RELAY_PROPERTY = "tunnel.relay";

    /** The system property that holds the token. */
    public static final String TOKEN_PROPERTY = "tunnel.token";

    /** The environment variable that names the relay. */
    public static final String RELAY_VARIABLE = "TUNNEL_RELAY";

    /** The environment variable that holds the token. */
    public static final String TOKEN_VARIABLE = "TUNNEL_TOKEN";

    /**
     * Where configuration comes from beside the builder. A value that is empty counts as none.
     *
     * @param property gives a system property or {@code null}
     * @param variable gives an environment variable or {@code null}
     */
    public record Lookup(Function<String, @Nullable String> property, Function<String, @Nullable String> variable) {
        /** This process's. */
        public static final Lookup SYSTEM = new Lookup(System::getProperty, System::getenv);

        private Optional<String> find(String propertyName, String variableName) {
            return Optional.ofNullable(property.apply(propertyName))
                    .filter(value -> !value.isBlank())
                    .or(() -> Optional.ofNullable(variable.apply(variableName)).filter(value -> !value.isBlank()))
                    .map(String::trim);
        }
    }

    /** The relay's address from outside the application, if there is one. */
    public static Optional<URI> configuredRelay(Lookup lookup) {
        return lookup.find(RELAY_PROPERTY, RELAY_VARIABLE)
                .flatMap(address ->
                        TunnelAgent.builder().relay(address).options().relay());
    }

    /**
     * The configuration for an agent: its options, else system properties, else the environment.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if no relay is named
     */
    public static AgentConfig of(AgentOptions options, Lookup lookup) {
        URI relay = options.relay()
                .or(() -> configuredRelay(lookup))
                .orElseThrow(() -> new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "The agent does not know its relay. Call relay(\"ws://host:port\") on the builder, or set the system property "
                                + RELAY_PROPERTY + " or the environment variable " + RELAY_VARIABLE + "."));
        return new AgentConfig(relay, options.token().or(() -> lookup.find(TOKEN_PROPERTY, TOKEN_VARIABLE)));
    }

    @Override
    public String toString() {
        return relay + (token.isPresent() ? " with a token" : " without a token");
    }
}
