package io.culvert.tunnel;

import io.culvert.tunnel.spi.TransportProvider;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a relay runs with. Immutable; made by {@link TunnelRelay#builder()}. */
public final class RelayOptions {
    private final String bind;
    private final int port;
    private final Optional<String> domain;
    private final Optional<URI> publicUrl;
    private final Optional<TlsKeys> tls;
    private final OptionalInt agentPort;
    private final Optional<TlsTrust> agentCertificates;
    private final boolean agentCertificatesRequired;
    private final Optional<Authenticator> authenticator;
    private final List<String> trustedProxies;
    private final boolean halfClosingVisitors;
    private final List<String> transports;
    private final List<TransportProvider> providers;
    private final int slots;
    private final int slotsAtMost;
    private final RelayLimits limits;
    private final RelayTimeouts timeouts;
    private final Duration pingInterval;
    private final Duration graceTime;
    private final Duration drainTimeout;
    private final TunnelMetrics metrics;
    private final Optional<AdminOptions> admin;

    private RelayOptions(Builder<?> b) {
        bind = b.bind;
        port = b.port;
        domain = Optional.ofNullable(b.domain);
        publicUrl = Optional.ofNullable(b.publicUrl);
        tls = Optional.ofNullable(b.tls);
        agentPort = b.agentPort;
        agentCertificates = Optional.ofNullable(b.agentCertificates);
        agentCertificatesRequired = b.agentCertificatesRequired;
        authenticator = Optional.ofNullable(b.authenticator)
                .or(() -> agentCertificates.map(trusted -> Authenticator.certificates()));
        trustedProxies = List.copyOf(b.trustedProxies);
        halfClosingVisitors = b.halfClosingVisitors;
        transports = List.copyOf(b.transports);
        providers = List.copyOf(b.providers);
        slots = b.slots;
        slotsAtMost = b.slots == 0 ? 0 : Math.max(b.slots, b.slotsAtMost);
        limits = b.limits.build();
        timeouts = b.timeouts.build();
        pingInterval = b.pingInterval;
        graceTime = b.graceTime;
        drainTimeout = b.drainTimeout;
        metrics = b.metrics;
        admin = Optional.ofNullable(b.admin).map(AdminOptions.Builder::build);
    }

    /** The address that the edge listens on. */
    public String bind() {
        return bind;
    }

    /** The port that the edge listens on; 0 for any. */
    public int port() {
        return port;
    }

    /** The domain under which tunnels have their names; without one each tunnel has a port of its own. */
    public Optional<String> domain() {
        return domain;
    }

    /** How the outside world addresses the relay's apex, if not by its own port. */
    public Optional<URI> publicUrl() {
        return publicUrl;
    }

    /** What the edge proves who it is with; empty to speak without TLS. */
    public Optional<TlsKeys> tls() {
        return tls;
    }

    /** The port where agents connect, 0 for any; empty if they share the visitors'. */
    public OptionalInt agentPort() {
        return agentPort;
    }

    /** Who vouches for agents' certificates; empty to ask for none. */
    public Optional<TlsTrust> agentCertificates() {
        return agentCertificates;
    }

    /** Whether an agent needs a certificate where {@link #agentCertificates} are asked for. */
    public boolean agentCertificatesRequired() {
        return agentCertificatesRequired;
    }

    /** Who decides which agents get in; empty for everyone, which is allowed on loopback only. */
    public Optional<Authenticator> authenticator() {
        return authenticator;
    }

    /** Addresses and networks of proxies before the relay whose {@code X-Forwarded-*} fields are believed. */
    public List<String> trustedProxies() {
        return trustedProxies;
    }

    /** Whether a visitor that ends its direction may still wait for its answer. */
    public boolean halfClosingVisitors() {
        return halfClosingVisitors;
    }

    /** The transports to allow; empty for all that are found. */
    public List<String> transports() {
        return transports;
    }

    /** Transports that the application gave as objects; each takes the place of one of the same name that is found. */
    public List<TransportProvider> providers() {
        return providers;
    }

    /** How many connections an agent should hold ready. */
    public int slots() {
        return slots;
    }

    /** How many connections an agent may be asked to hold ready while they are in demand. */
    public int slotsAtMost() {
        return slotsAtMost;
    }

    /** How much of everything there may be. */
    public RelayLimits limits() {
        return limits;
    }

    /** How long each phase may take. */
    public RelayTimeouts timeouts() {
        return timeouts;
    }

    /** How often control channels are pinged; silence of three times as long means a dead peer. */
    public Duration pingInterval() {
        return pingInterval;
    }

    /** How long the relay keeps a session, and holds new requests, after the control channel is lost. */
    public Duration graceTime() {
        return graceTime;
    }

    /** How long open streams may take to finish on close. */
    public Duration drainTimeout() {
        return drainTimeout;
    }

    /** Where measurements go. */
    public TunnelMetrics metrics() {
        return metrics;
    }

    /** The relay's admin port; empty for none. */
    public Optional<AdminOptions> admin() {
        return admin;
    }

    /**
     * Collects options; each method checks its argument.
     *
     * @param <B> the concrete builder
     */
    public abstract static sealed class Builder<B extends Builder<B>> permits TunnelRelay.Builder {
        private String bind = "127.0.0.1";
        private int port;
        private @Nullable String domain;
        private @Nullable URI publicUrl;
        private @Nullable TlsKeys tls;
        private OptionalInt agentPort = OptionalInt.empty();
        private @Nullable TlsTrust agentCertificates;
        private boolean agentCertificatesRequired = true;
        private @Nullable Authenticator authenticator;
        private List<String> trustedProxies = List.of();
        private boolean halfClosingVisitors;
        private List<String> transports = List.of();
        private final List<TransportProvider> providers = new ArrayList<>();
        private int slots = 8;
        private int slotsAtMost = 64;
        private final RelayLimits.Builder limits = new RelayLimits.Builder();
        private final RelayTimeouts.Builder timeouts = new RelayTimeouts.Builder();
        private Duration pingInterval = Duration.ofSeconds(15);
        private Duration graceTime = Duration.ofSeconds(10);
        private Duration drainTimeout = Duration.ofSeconds(30);
        private TunnelMetrics metrics = TunnelMetrics.NOOP;
        private AdminOptions.@Nullable Builder admin;

        Builder() {}

        abstract B self();

        /** The address to listen on. Default: {@code 127.0.0.1}. Anything but loopback needs an {@link #authenticator}. */
        public B bind(String address) {
            this.bind = Objects.requireNonNull(address, "address");
            return self();
        }

        /** The port to listen on, 0 to 65535. Default: 0, any free one. */
        public B port(int port) {
            this.port = AgentOptions.inRange("port", port, 0, 65535);
            return self();
        }

        /** The domain under which tunnels have their names, such as {@code example.test}. Default: none, a port for each tunnel. */
        public B domain(String domain) {
            this.domain = domain.toLowerCase(Locale.ROOT);
            return self();
        }

        /** How visitors address the relay's apex when it stands behind another proxy, such as {@code https://example.test}. */
        public B publicUrl(URI url) {
            this.publicUrl = Objects.requireNonNull(url, "url");
            return self();
        }

        /** Speaks TLS on every port of the edge, to visitors and agents alike: {@code https} and {@code wss}. Default: no TLS. */
        public B tls(TlsKeys keys) {
            this.tls = Objects.requireNonNull(keys, "keys");
            return self();
        }

        /**
         * A port for agents alone, on the same address: control channels and data connections are taken there and nowhere else, so that a
         * firewall can keep it from the world. Default: agents share the visitors' port.
         *
         * @param port 0 to 65535; 0 for any free one
         */
        public B agentPort(int port) {
            this.agentPort = OptionalInt.of(AgentOptions.inRange("agentPort", port, 0, 65535));
            return self();
        }

        /**
         * Asks agents for a certificate that one of these vouches for (mutual TLS, RFC 8446, section 4.3.2). Needs {@link #tls} and
         * {@link #agentPort}, as visitors must never be asked. Without an {@link #authenticator} it is
         * {@link Authenticator#certificates()}; with one, agents need what that wants as well. Default: no certificates.
         *
         * @param authorities read again when the file changes
         */
        public B agentCertificates(TlsTrust authorities) {
            this.agentCertificates = Objects.requireNonNull(authorities, "authorities");
            return self();
        }

        /**
         * Whether agents without a certificate are turned away in the TLS handshake. If not, it is up to the {@link #authenticator} whether a
         * token will do. Default: true.
         */
        public B agentCertificatesRequired(boolean required) {
            this.agentCertificatesRequired = required;
            return self();
        }

        /**
         * Who decides which agents get in. Default: everyone, on loopback only; with {@link #agentCertificates} whoever has one.
         */
        public B authenticator(Authenticator authenticator) {
            this.authenticator = Objects.requireNonNull(authenticator, "authenticator");
            return self();
        }

        /**
         * Addresses ({@code 10.0.0.1}) and networks ({@code 10.0.0.0/8}) of proxies before the relay. From these, {@code X-Forwarded-For} is
         * continued and the other {@code X-Forwarded-*} fields and {@code Forwarded} (RFC 7239) pass; from everyone else they are
         * replaced. Default: none.
         */
        public B trustedProxies(String... addresses) {
            this.trustedProxies = List.of(addresses);
            return self();
        }

        /**
         * Whether a visitor that ends its direction of the connection behind a request still gets the answer. TCP does not tell such a visitor
         * from one that left, so with this a request goes on at the local service although nobody waits for it. Default: it counts as gone.
         */
        public B halfClosingVisitors(boolean answered) {
            this.halfClosingVisitors = answered;
            return self();
        }

        /** The transports to allow. Default: all that are found. */
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

        /** How many connections an agent holds ready, 0 to 256, in transports that dial ahead. Default: 8. */
        public B slots(int count) {
            this.slots = AgentOptions.inRange("slots", count, 0, 256);
            return self();
        }

        /**
         * How many connections an agent holds ready at most, 0 to 256: their number doubles whenever none is left, and falls again when they
         * wait in vain. Fewer than {@link #slots} count as that many. Default: 64.
         */
        public B slotsAtMost(int count) {
            this.slotsAtMost = AgentOptions.inRange("slotsAtMost", count, 0, 256);
            return self();
        }

        /**
         * Changes limits: {@code limits(l -> l.streamsPerTunnel(100))}. Those that are not named stay as they are.
         *
         * @param change called at once
         */
        public B limits(Consumer<RelayLimits.Builder> change) {
            change.accept(limits);
            return self();
        }

        /**
         * Changes time-outs: {@code timeouts(t -> t.response(Duration.ofMinutes(5)))}. Those that are not named stay as they are.
         *
         * @param change called at once
         */
        public B timeouts(Consumer<RelayTimeouts.Builder> change) {
            change.accept(timeouts);
            return self();
        }

        /** How often control channels are pinged; silence of three times as long means a dead peer. Default: 15 s. */
        public B pingInterval(Duration interval) {
            this.pingInterval = AgentOptions.positive("pingInterval", interval);
            return self();
        }

        /** How long the relay keeps a session after its control channel is lost. Default: 10 s. */
        public B graceTime(Duration time) {
            this.graceTime = AgentOptions.notNegative("graceTime", time);
            return self();
        }

        /** How long open streams may take to finish on close; zero to reset them at once. Default: 30 s. */
        public B drainTimeout(Duration timeout) {
            this.drainTimeout = AgentOptions.notNegative("drainTimeout", timeout);
            return self();
        }

        /** Where measurements go. Default: nowhere. */
        public B metrics(TunnelMetrics metrics) {
            this.metrics = Objects.requireNonNull(metrics, "metrics");
            return self();
        }

        /**
         * Opens an admin port: {@code admin(a -> a.port(9090))}. Default: none.
         *
         * @param change called at once
         */
        public B admin(Consumer<AdminOptions.Builder> change) {
            AdminOptions.Builder changed = admin == null ? new AdminOptions.Builder() : admin;
            admin = changed;
            change.accept(changed);
            return self();
        }

        /**
         * The options as collected so far: what an implementation is given, for tools that make a relay by other means.
         *
         * @throws TunnelException if they would leave the relay or its admin port open to the network
         */
        public final RelayOptions options() {
            if (agentCertificates != null && (tls == null || agentPort.isEmpty())) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "Certificates of agents are checked by TLS on a port of the agents' own, so that no visitor is"
                                + " asked for one: give the relay a certificate (--tls-cert and --tls-key, or tls(…)) and"
                                + " an agent port (--agent-port, or agentPort(…)).");
            }
            if (authenticator == null && agentCertificates == null && !isLoopback(bind)) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "A relay that listens on " + bind + " is open to the network and needs authentication: give it"
                                + " tokens (--token-file, or authenticator(…)), or bind it to 127.0.0.1.");
            }
            return new RelayOptions(this);
        }

        static boolean isLoopback(String address) {
            try {
                return InetAddress.getByName(address).isLoopbackAddress();
            } catch (UnknownHostException x) {
                throw new TunnelException(
                        TunnelError.BIND_FAILED,
                        "Cannot listen on '" + address + "': no such address on this machine.",
                        x);
            }
        }
    }
}
