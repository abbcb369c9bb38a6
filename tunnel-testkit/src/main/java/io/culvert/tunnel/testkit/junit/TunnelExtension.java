package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.recording.Recorder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A relay and an agent for tests, with options of one's own, where {@link TunnelTest} does not do.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final TunnelExtension tunnel = TunnelExtension.builder()
 *         .relay(relay -> relay.pingInterval(Duration.ofSeconds(1)))
 *         .expose(() -> port)
 *         .build();
 *
 * @Test void aWebhookArrives() { sender.call(tunnel.uri()); … }
 * }</pre>
 *
 * <p>In a static field the tests of the class share it, those of nested classes included; in an instance field each test has a relay of its
 * own (with the life cycle {@code PER_CLASS}, the class has). Everything starts when it is first asked for and is closed by JUnit, which then
 * fails the test or class if something was left open behind the tunnel. Faults are lifted and recorded traffic is forgotten as with
 * {@link TunnelTest}, and the same types are injected into parameters. All methods may be called from any thread, between the first
 * {@code @BeforeAll} and the last {@code @AfterAll}, or {@code @BeforeEach} and {@code @AfterEach} in an instance field.
 */
public final class TunnelExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(TunnelExtension.class);

    private final SessionOptions options;
    private final List<Exposure> exposures;
    private final Object lock = new Object();
    private @Nullable Session session; // guarded by lock
    private int users; // classes or tests that have it; guarded by lock

    private TunnelExtension(Builder builder) {
        options = new SessionOptions(
                builder.transports, builder.seed, builder.badNetwork, builder.leakCheck, builder.relay, builder.agent);
        exposures = List.copyOf(builder.exposures);
    }

    /** Starts with what is usual in tests: loopback, free ports, a token that nobody else has, and no drain time. */
    public static Builder builder() {
        return new Builder();
    }

    /** The public URL of the only tunnel, or of the one without a name. */
    public URI uri() {
        return uri("");
    }

    /** The public URL of a tunnel, opened if it is not yet. */
    public URI uri(String name) {
        return tunnel(name).publicUrl();
    }

    /** The only tunnel, or the one without a name. */
    public Tunnel tunnel() {
        return tunnel("");
    }

    /**
     * A tunnel, opened if it is not yet; another one if what is exposed has another port now.
     *
     * @throws IllegalStateException if what it exposes is not known yet, or if no test runs
     * @throws io.culvert.tunnel.TunnelException if it cannot be opened
     */
    public Tunnel tunnel(String name) {
        return session().tunnel(name);
    }

    /** The relay. */
    public TunnelRelay relay() {
        return (TunnelRelay) session().require(TunnelRelay.class, "");
    }

    /** The agent. Tunnels that a test exposes with it, the test has to close. */
    public TunnelAgent agent() {
        return (TunnelAgent) session().require(TunnelAgent.class, "");
    }

    /** Faults in the relay's streams, lifted before each test. */
    public StreamFaults faults() {
        return (StreamFaults) session().require(StreamFaults.class, "");
    }

    /**
     * The relay as one to which everything bad can happen, mended before each test.
     *
     * @throws IllegalStateException without {@link Builder#badNetwork}
     */
    public FaultRelay faultRelay() {
        return (FaultRelay) session().require(FaultRelay.class, "");
    }

    /** What passes through the tunnels, forgotten before each test. */
    public Recorder recorder() {
        return (Recorder) session().require(Recorder.class, "");
    }

    private Session session() {
        synchronized (lock) {
            if (session == null) {
                throw new IllegalStateException(
                        "The tunnel is there while tests run: from before @BeforeAll if its @RegisterExtension field"
                                + " is static, from before @BeforeEach if it is not.");
            }
            return session;
        }
    }

    /** A class or test uses the session, until JUnit closes its store. */
    private final class Use extends ClosedByStore {
        final Session session;

        Use(Session session) {
            super(TunnelExtension.this::leave);
            this.session = session;
        }
    }

    private Session enter(ExtensionContext context) {
        return context.getStore(NAMESPACE).getOrComputeIfAbsent(this, any -> new Use(join(context)), Use.class).session;
    }

    private Session join(ExtensionContext context) {
        synchronized (lock) {
            users++;
            if (session == null) {
                session = new Session(context, options, exposures);
            }
            return session;
        }
    }

    private void leave() {
        Session last;
        synchronized (lock) {
            users--;
            if (users > 0) {
                return;
            }
            last = session;
            session = null;
        }
        if (last != null) {
            last.close();
        }
    }

    /** For JUnit. */
    @Override
    public void beforeAll(ExtensionContext context) {
        enter(context);
    }

    /** For JUnit. */
    @Override
    public void beforeEach(ExtensionContext context) {
        enter(context).begin(context);
    }

    /** For JUnit. */
    @Override
    public void afterEach(ExtensionContext context) {
        enter(context).end(context);
    }

    /** For JUnit. */
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Injection.supports(parameter);
    }

    /** For JUnit. */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return session().require(parameter.getParameter().getType(), Injection.key(parameter.getParameter()));
    }

    /** Collects options; each method checks its argument. */
    public static final class Builder {
        private final List<Exposure> exposures = new ArrayList<>();
        private List<String> transports = List.of();
        private long seed;
        private boolean badNetwork;
        private boolean leakCheck = true;
        private Consumer<TunnelRelay.Builder> relay = any -> {};
        private Consumer<TunnelAgent.Builder> agent = any -> {};

        private Builder() {}

        /** The transports to use, the preferred first. Default: those that are found, as in the application. */
        public Builder transport(String... names) {
            transports = List.of(names);
            return this;
        }

        /** What chance in faults depends on. Default, 0: another seed each time, which failures name. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Whether agent and relay have a bad network between them and the relay can be restarted, for {@link #faultRelay}. Default: they talk
         * directly.
         */
        public Builder badNetwork(boolean bad) {
            badNetwork = bad;
            return this;
        }

        /** Whether a test fails that leaves something open behind a tunnel. Default: it does. */
        public Builder leakCheck(boolean check) {
            leakCheck = check;
            return this;
        }

        /**
         * Changes the relay's options: {@code relay(r -> r.graceTime(Duration.ofSeconds(1)))}.
         *
         * @param change called when the relay starts
         */
        public Builder relay(Consumer<TunnelRelay.Builder> change) {
            relay = relay.andThen(change);
            return this;
        }

        /**
         * Changes the agent's options.
         *
         * @param change called when the agent is made
         */
        public Builder agent(Consumer<TunnelAgent.Builder> change) {
            agent = agent.andThen(change);
            return this;
        }

        /**
         * Exposes something under a random name.
         *
         * @param what gives anything that {@link Exposed} allows, such as {@code () -> port}; called when the tunnel is asked for
         */
        public Builder expose(Supplier<?> what) {
            exposures.add(new Exposure("", Optional.empty(), "What the extension exposes", what::get));
            return this;
        }

        /**
         * Exposes something under a name, by which {@link #uri(String)} and {@link InjectTunnel} find it.
         *
         * @param name of {@code a-z}, {@code 0-9} and {@code -}
         * @param what as in {@link #expose(Supplier)}
         */
        public Builder expose(String name, Supplier<?> what) {
            exposures.add(
                    new Exposure(name, Optional.of(name), "What the extension exposes as '" + name + "'", what::get));
            return this;
        }

        /** The extension. */
        public TunnelExtension build() {
            return new TunnelExtension(this);
        }
    }
}
