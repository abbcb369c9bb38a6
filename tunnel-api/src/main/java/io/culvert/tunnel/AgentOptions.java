package io.culvert.tunnel;

import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.spi.TransportProvider;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an agent runs with. Immutable; made by {@link TunnelAgent#builder()}. */
public final class AgentOptions {
    private final Optional<URI> relay;
    private final Optional<String> token;
    private final Optional<TlsTrust> trust;
    private final Optional<TlsKeys> certificate;
    private final Optional<URI> proxy;
    private final List<String> transports;
    private final List<TransportProvider> providers;
    private final Duration connectTimeout;
    private final Duration localConnectTimeout;
    private final Duration drainTimeout;
    private final int credit;
    private final Optional<Capture> capture;
    private final TunnelMetrics metrics;
    private final List<TunnelListener> listeners;

    private AgentOptions(Builder<?> b) {
        relay = Optional.ofNullable(b.relay);
        token = Optional.ofNullable(b.token);
        trust = Optional.ofNullable(b.trust);
        certificate = Optional.ofNullable(b.certificate);
        proxy = Optional.ofNullable(b.proxy);
        transports = List.copyOf(b.transports);
        providers = List.copyOf(b.providers);
        connectTimeout = b.connectTimeout;
        localConnectTimeout = b.localConnectTimeout;
        drainTimeout = b.drainTimeout;
        credit = b.credit;
        capture = Optional.ofNullable(b.capture);
        metrics = b.metrics;
        listeners = List.copyOf(b.listeners);
    }

    /** The relay's address, if the application named one. */
    public Optional<URI> relay() {
        return relay;
    }

    /** The token, if the application named one. */
    public Optional<String> token() {
        return token;
    }

    /** The certificates that vouch for the relay; empty for the JDK's own. */
    public Optional<TlsTrust> trust() {
        return trust;
    }

    /** The certificate that the agent shows a relay that asks for one. */
    public Optional<TlsKeys> certificate() {
        return certificate;
    }

    /** The proxy on the way to the relay, if the application named one. It may hold a password: never log it. */
    public Optional<URI> proxy() {
        return proxy;
    }

    /** The transports to offer, the preferred first; empty for all that are found. */
    public List<String> transports() {
        return transports;
    }

    /** Transports that the application gave as objects; each takes the place of one of the same name that is found. */
    public List<TransportProvider> providers() {
        return providers;
    }

    /** How long the first connect may take; zero to try until it is refused or closed. */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /** How long connecting to the local service may take. */
    public Duration localConnectTimeout() {
        return localConnectTimeout;
    }

    /** How long open streams may take to finish on close. */
    public Duration drainTimeout() {
        return drainTimeout;
    }

    /** Bytes that the relay may send on a stream before the agent consumed any. */
    public int credit() {
        return credit;
    }

    /** Who sees what passes; empty for nobody. */
    public Optional<Capture> capture() {
        return capture;
    }

    /** Where measurements go. */
    public TunnelMetrics metrics() {
        return metrics;
    }

    /** Who hears of state changes. */
    public List<TunnelListener> listeners() {
        return listeners;
    }

    /**
     * Collects options; each method checks its argument.
     *
     * @param <B> the concrete builder
     */
    public abstract static sealed class Builder<B extends Builder<B>> permits TunnelAgent.Builder {
        private @Nullable URI relay;
        private @Nullable String token;
        private @Nullable TlsTrust trust;
        private @Nullable TlsKeys certificate;
        private @Nullable URI proxy;
        private List<String> transports = List.of();
        private final List<TransportProvider> providers = new ArrayList<>();
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration localConnectTimeout = Duration.ofSeconds(5);
        private Duration drainTimeout = Duration.ofSeconds(30);
        private int credit = 256 * 1024;
        private @Nullable Capture capture;
        private TunnelMetrics metrics = TunnelMetrics.NOOP;
        private final List<TunnelListener> listeners = new ArrayList<>();

        Builder() {}

        abstract B self();

        /**
         * The relay's address: {@code ws://host:port} or {@code wss://host:port}; {@code http} and {@code https} mean the same.
         * Default: the system property {@code tunnel.relay}, else {@code TUNNEL_RELAY} in the environment; with neither, building fails.
         */
        public B relay(String address) {
            return relay(parse(address));
        }

        /** The relay's address, as {@link #relay(String)}. */
        public B relay(URI address) {
            String scheme = String.valueOf(address.getScheme());
            if (!List.of("ws", "wss", "http", "https").contains(scheme) || address.getHost() == null) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "'" + address + "' is not a relay's address: use ws://host:port or wss://host:port.");
            }
            this.relay = address;
            return self();
        }

        /** What proves who the agent is. Default: {@code tunnel.token}, else {@code TUNNEL_TOKEN}, else none. */
        public B token(String token) {
            this.token = Objects.requireNonNull(token, "token");
            return self();
        }

        /**
         * Trusts a {@code wss} relay whose certificate one of the file's vouches for, instead of the JDK's authorities. The certificate
         * must be for the relay's host in any case.
         *
         * @param pem authorities' certificates, or the relay's own; read again when it changes
         * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be used, with the reason
         */
        public B trust(Path pem) {
            this.trust = TlsTrust.pem(pem);
            return self();
        }

        /**
         * Shows this certificate to a {@code wss} relay that asks its agents for one, on the control channel and on data connections alike.
         * Connections made after its files changed have the new one. Default: none.
         */
        public B certificate(TlsKeys keys) {
            this.certificate = Objects.requireNonNull(keys, "keys");
            return self();
        }

        /**
         * Reaches the relay through an HTTP proxy that allows CONNECT (RFC 9110, section 9.3.6). Default: for {@code wss} relays
         * {@code HTTPS_PROXY} in the environment, for {@code ws} relays {@code HTTP_PROXY}, also in lower case, unless the relay is on
         * loopback or {@code NO_PROXY} names it.
         *
         * @param address {@code http://host:port}, or {@code http://user:password@host:port}
         */
        public B proxy(URI address) {
            if (!"http".equals(address.getScheme()) || address.getHost() == null) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION, "The proxy's address must have the form http://host:port.");
            }
            this.proxy = address;
            return self();
        }

        /** The transports to offer, the preferred first; one alone forces it. Default: all that are found, {@code tcp} first. */
        public B transports(String... names) {
            this.transports = List.of(names);
            return self();
        }

        /**
         * Adds a transport given as an object, such as one that a test decorates; it takes the place of one of the same name that is found or
         * was given before.
         */
        public B transport(TransportProvider provider) {
            this.providers.removeIf(other -> other.name().equals(provider.name()));
            this.providers.add(provider);
            return self();
        }

        /** How long the first connect may take; zero to try until it is refused or closed. Default: 10 s. */
        public B connectTimeout(Duration timeout) {
            this.connectTimeout = notNegative("connectTimeout", timeout);
            return self();
        }

        /** How long connecting to the local service may take. Default: 5 s. */
        public B localConnectTimeout(Duration timeout) {
            this.localConnectTimeout = positive("localConnectTimeout", timeout);
            return self();
        }

        /** How long open streams may take to finish on close; zero to reset them at once. Default: 30 s. */
        public B drainTimeout(Duration timeout) {
            this.drainTimeout = notNegative("drainTimeout", timeout);
            return self();
        }

        /** Bytes that the relay may send on a stream before the agent consumed any: 1,024 to 16 MiB. Default: 256 KiB. */
        public B credit(int bytes) {
            this.credit = inRange("credit", bytes, 1024, 16 << 20);
            return self();
        }

        /**
         * Keeps copies of what passes and tells a listener, for inspectors and tests; called again, one more is told. Heads and bodies may
         * hold secrets: whoever is told has to guard them. Default: nothing is copied.
         */
        public B capture(Capture capture) {
            this.capture =
                    this.capture == null ? Objects.requireNonNull(capture, "capture") : this.capture.and(capture);
            return self();
        }

        /** Where measurements go. Default: nowhere. */
        public B metrics(TunnelMetrics metrics) {
            this.metrics = Objects.requireNonNull(metrics, "metrics");
            return self();
        }

        /** Adds one who hears of state changes. */
        public B listener(TunnelListener listener) {
            this.listeners.add(Objects.requireNonNull(listener, "listener"));
            return self();
        }

        /** The options as collected so far: what an implementation is given, for tools that make an agent by other means. */
        public final AgentOptions options() {
            return new AgentOptions(this);
        }

        private static URI parse(String address) {
            try {
                return URI.create(address);
            } catch (IllegalArgumentException x) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "'" + address + "' is not a relay's address: use ws://host:port or wss://host:port.",
                        x);
            }
        }
    }

    static Duration positive(String what, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION, what + " must be more than zero, not " + value + ".");
        }
        return value;
    }

    static Duration notNegative(String what, Duration value) {
        if (value.isNegative()) {
            throw new TunnelException(TunnelError.BAD_CONFIGURATION, what + " must not be negative: " + value + ".");
        }
        return value;
    }

    static int inRange(String what, int value, int lowest, int highest) {
        if (value < lowest || value > highest) {
            throw new TunnelException(
                    TunnelError.BAD_CONFIGURATION,
                    what + " must be " + lowest + " to " + highest + ", not " + value + ".");
        }
        return value;
    }
}
