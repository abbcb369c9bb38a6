package io.culvert.tunnel.spring;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * How the application is exposed. A value that cannot work stops the start with a sentence that names the property.
 *
 * @param enabled Whether the application is exposed. In tests tunnel.in-tests counts as well.
 * @param inTests Whether an application that a Spring test started is exposed, too.
 * @param relay The relay's address, such as wss://relay.example. Without one a relay starts inside the application, on loopback.
 * @param token What proves to the relay who the agent is.
 * @param name The name to ask for under the relay's domain. The relay chooses one if there is none.
 * @param host A host of one's own to ask for, such as app.example.
 * @param publicPort A port of the relay to ask for.
 * @param port The port to expose. The application's own if there is none.
 * @param hostHeader The Host that the application is to see. The visitor's if there is none.
 * @param transports The transports to offer, best first. All that are found if there are none.
 * @param connectTimeout With fail-fast, how long the relay may take to grant the tunnel.
 * @param drainTimeout How long open exchanges may take to finish when the application stops.
 * @param failFast Whether the application stops if the tunnel cannot be had. Else it runs without, and tries on.
 */
@ConfigurationProperties("tunnel")
public record TunnelProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("false") boolean inTests,
        @Nullable URI relay,
        @Nullable String token,
        @Nullable String name,
        @Nullable String host,
        @Nullable Integer publicPort,
        @Nullable Integer port,
        @Nullable String hostHeader,
        @DefaultValue List<String> transports,
        @DefaultValue("10s") Duration connectTimeout,
        @DefaultValue("20s") Duration drainTimeout,
        @DefaultValue("false") boolean failFast) {
    private static final Set<String> SCHEMES = Set.of("ws", "wss", "http", "https");

    /**
     * Checks the values.
     *
     * @throws InvalidConfigurationPropertyValueException if one cannot work
     */
    public TunnelProperties {
        if (relay != null && (relay.getHost() == null || !SCHEMES.contains(String.valueOf(relay.getScheme())))) {
            throw new InvalidConfigurationPropertyValueException(
                    "tunnel.relay", relay, "It must be an address such as wss://relay.example.");
        }
        checkPort("tunnel.port", port);
        checkPort("tunnel.public-port", publicPort);
        if (name != null && !name.matches("[a-z0-9-]{1,63}")) {
            throw new InvalidConfigurationPropertyValueException(
                    "tunnel.name", name, "It must consist of 1 to 63 of the characters a-z, 0-9 and '-'.");
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new InvalidConfigurationPropertyValueException(
                    "tunnel.connect-timeout", connectTimeout, "It must be positive.");
        }
        if (drainTimeout.isNegative()) {
            throw new InvalidConfigurationPropertyValueException(
                    "tunnel.drain-timeout", drainTimeout, "It must not be negative.");
        }
        transports = List.copyOf(transports);
    }

    private static void checkPort(String property, @Nullable Integer port) {
        if (port != null && (port < 1 || port > 65535)) {
            throw new InvalidConfigurationPropertyValueException(property, port, "It must be a port from 1 to 65535.");
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "tunnel to " + (relay == null ? "a relay inside the application" : relay)
                + (token == null ? "" : " with a token");
    }
}
