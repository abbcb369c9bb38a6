package io.culvert.tunnel;

import io.culvert.tunnel.spi.StreamService;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What to expose, and how it should be reached. Immutable. */
public final class TunnelSpec {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,63}");
    private static final Pattern AUTHORITY =
            Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

    private final String localHost;
    private final int localPort;
    private final Optional<StreamService> service;
    private final Optional<LocalTls> localTls;
    private final Optional<String> name;
    private final Optional<String> host;
    private final OptionalInt publicPort;
    private final Optional<String> hostHeader;
    private final TunnelProtection protection;

    private TunnelSpec(Builder builder) {
        localHost = builder.localHost;
        localPort = builder.localPort;
        service = Optional.ofNullable(builder.service);
        localTls = Optional.ofNullable(builder.localTls);
        name = Optional.ofNullable(builder.name);
        host = Optional.ofNullable(builder.host);
        publicPort = builder.publicPort;
        hostHeader = Optional.ofNullable(builder.hostHeader);
        protection = builder.protection.build();
    }

    /** Exposes {@code localhost:port} under a random name. */
    public static TunnelSpec port(int port) {
        return builder(port).build();
    }

    /**
     * Starts a specification for a service on this machine.
     *
     * @param localPort the service's port, 1 to 65535
     */
    public static Builder builder(int localPort) {
        return new Builder(Builder.checkPort(localPort, 1), null);
    }

    /** Starts a specification for a service inside this process, which needs no port. */
    public static Builder builder(StreamService service) {
        return new Builder(0, Objects.requireNonNull(service, "service"));
    }

    /** The host that the agent connects to; {@code localhost} stands for both loopback addresses, tried in turn. */
    public String localHost() {
        return localHost;
    }

    /** The port that the agent connects to; 0 for a service inside this process. */
    public int localPort() {
        return localPort;
    }

    /** The service inside this process, if it is one. Host, port and TLS mean nothing then. */
    public Optional<StreamService> service() {
        return service;
    }

    /** How the agent speaks TLS to the service; empty to speak without. */
    public Optional<LocalTls> localTls() {
        return localTls;
    }

    /** The wanted name, if not a random one. */
    public Optional<String> name() {
        return name;
    }

    /** The wanted host outside the relay's domain, if any. */
    public Optional<String> host() {
        return host;
    }

    /** The wanted port of the tunnel's own at the relay, if any; 0 for any free one. */
    public OptionalInt publicPort() {
        return publicPort;
    }

    /** The Host that the local service sees, if not the visitor's. */
    public Optional<String> hostHeader() {
        return hostHeader;
    }

    /** Whom the tunnel lets in, and how much of them. */
    public TunnelProtection protection() {
        return protection;
    }

    @Override
    public String toString() {
        String target = service.isPresent()
                ? "a service inside this process"
                : (localTls.isPresent() ? "https://" : "") + localHost + ":" + localPort;
        return name.map(n -> n + "=").orElse("") + target;
    }

    /** Collects a {@link TunnelSpec}; each method checks its argument. */
    public static final class Builder {
        private final int localPort;
        private final @Nullable StreamService service;
        private String localHost = "localhost";
        private @Nullable LocalTls localTls;
        private @Nullable String name;
        private @Nullable String host;
        private OptionalInt publicPort = OptionalInt.empty();
        private @Nullable String hostHeader;
        private final TunnelProtection.Builder protection = new TunnelProtection.Builder();

        private Builder(int localPort, @Nullable StreamService service) {
            this.localPort = localPort;
            this.service = service;
        }

        /** The host that the agent connects to. Default: {@code localhost}. */
        public Builder localHost(String host) {
            this.localHost = Objects.requireNonNull(host, "host");
            return this;
        }

        /** The service speaks TLS ({@code https}); its certificate is checked against the local host. Default: it does not. */
        public Builder localTls(LocalTls tls) {
            this.localTls = Objects.requireNonNull(tls, "tls");
            return this;
        }

        /** The wanted name: 1 to 63 of {@code a-z}, {@code 0-9} and {@code -}; upper case is folded. Default: a random one. */
        public Builder name(String name) {
            String folded = name.toLowerCase(Locale.ROOT);
            if (!NAME.matcher(folded).matches()) {
                throw new TunnelException(
                        TunnelError.NAME_INVALID,
                        "'" + name + "' cannot name a tunnel: use 1 to 63 of the characters a-z, 0-9 and '-'.");
            }
            this.name = folded;
            return this;
        }

        /** A host of one's own whose DNS points at the relay, such as {@code app.example.org}. */
        public Builder host(String host) {
            this.host = Objects.requireNonNull(host, "host").toLowerCase(Locale.ROOT);
            return this;
        }

        /** A port of the tunnel's own at the relay: 1 to 65535, or 0 for any free one. */
        public Builder publicPort(int port) {
            this.publicPort = OptionalInt.of(checkPort(port, 0));
            return this;
        }

        /**
         * The Host field (RFC 9110, section 7.2) that the local service sees, such as {@code localhost:3000} for development servers that
         * insist on it. Default: the visitor's.
         */
        public Builder hostHeader(String value) {
            if (!AUTHORITY.matcher(value).matches()) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "'" + value + "' cannot stand in a Host field: use host or host:port.");
            }
            this.hostHeader = value;
            return this;
        }

        /**
         * Protects the tunnel: {@code protection(p -> p.login("ann", password).requestsPerVisitor(Rate.perSecond(20)))}. Default: everyone who
         * knows the address comes in.
         *
         * @param change called at once; what earlier calls set stays
         */
        public Builder protection(Consumer<TunnelProtection.Builder> change) {
            change.accept(protection);
            return this;
        }

        /** The finished specification. */
        public TunnelSpec build() {
            return new TunnelSpec(this);
        }

        private static int checkPort(int port, int lowest) {
            if (port < lowest || port > 65535) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "Port " + port + " is not in the range " + lowest + " to 65535.");
            }
            return port;
        }
    }
}
