package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.testkit.fault.FaultProxy;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import io.culvert.tunnel.testkit.recording.Recorder;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A relay, an agent and the tunnels between them, for the tests of one class or for one test. Starts when something of it is first asked
 * for. Thread-safe.
 */
final class Session {
    /** What can be asked for by its type. */
    static final Set<Class<?>> TYPES = Set.of(
            URI.class,
            Tunnel.class,
            TunnelRelay.class,
            TunnelAgent.class,
            StreamFaults.class,
            FaultRelay.class,
            FaultProxy.class,
            Recorder.class);

    /** JUnit's configuration parameter for how long what was closed may take to be gone, such as {@code PT10S}. */
    static final String PATIENCE = "tunnel.leak-check.patience";

    private final String owner; // the class or test that it is for
    private final Duration patience;
    private final SessionOptions options;
    private final Map<String, ExposedTunnel> exposed = new LinkedHashMap<>(); // not changed after construction
    private final Lazy<Live> live = new Lazy<>();
    private final TestLog tests = new TestLog();

    /**
     * A session that did not start yet.
     *
     * @param context of the class or test that it is for
     */
    Session(ExtensionContext context, SessionOptions options, List<Exposure> exposures) {
        this.owner = name(context);
        this.patience =
                context.getConfigurationParameter(PATIENCE, Duration::parse).orElse(LeakCheck.PATIENCE);
        this.options = options;
        for (Exposure exposure : exposures) {
            ExposedTunnel tunnel =
                    new ExposedTunnel(exposure, spec -> live().agent().exposeForSession(spec));
            if (exposed.put(exposure.key(), tunnel) != null) {
                throw new IllegalStateException("Two things of " + owner + " are exposed as '" + exposure.key()
                        + "'. Give each a name of its own.");
            }
        }
    }

    private Live live() {
        return live.get(() -> Live.start(options));
    }

    /**
     * Something of the session.
     *
     * @param type one of {@link #TYPES}
     * @param key the tunnel in question; empty for the only one
     * @return empty if it is not known yet where the tunnel is to end
     */
    Optional<Object> find(Class<?> type, String key) {
        if (type == URI.class || type == Tunnel.class) {
            return exposed(key).getIfKnown().map(tunnel -> type == URI.class ? tunnel.publicUrl() : tunnel);
        }
        return Optional.of(require(type, key));
    }

    /** As {@link #find}, where it has to be known. */
    Object require(Class<?> type, String key) {
        if (type == URI.class) {
            return tunnel(key).publicUrl();
        }
        if (type == Tunnel.class) {
            return tunnel(key);
        }
        Live running = live();
        if (type == TunnelRelay.class) {
            return running.relay();
        }
        if (type == TunnelAgent.class) {
            return running.agent();
        }
        if (type == StreamFaults.class) {
            return running.faults();
        }
        return type == Recorder.class
                ? running.recorder()
                : type == FaultRelay.class
                        ? faultRelay(running)
                        : faultRelay(running).network();
    }

    private FaultRelay faultRelay(Live running) {
        return running.faultRelay()
                .orElseThrow(() -> new IllegalStateException("Relay and agent of " + owner
                        + " talk directly, so there is neither a FaultRelay nor a FaultProxy. Ask for them with"
                        + " @TunnelTest(badNetwork = true), or badNetwork(true) of the extension's builder."));
    }

    /** The tunnel of that name; empty for the only one. */
    Tunnel tunnel(String key) {
        return exposed(key).require();
    }

    private ExposedTunnel exposed(String key) {
        if (exposed.isEmpty()) {
            throw new IllegalStateException("Nothing of " + owner
                    + " is exposed, so there is no tunnel. Mark a field with @Exposed, or give the extension"
                    + " something to expose.");
        }
        if (key.isEmpty() && exposed.size() > 1 && !exposed.containsKey(key)) {
            throw new IllegalStateException("Several things of " + owner + " are exposed: say which is meant, one of "
                    + String.join(", ", exposed.keySet()) + ".");
        }
        ExposedTunnel tunnel = key.isEmpty() && exposed.size() == 1
                ? exposed.values().iterator().next()
                : exposed.get(key);
        if (tunnel == null) {
            throw new IllegalStateException("Nothing of " + owner + " is exposed as '" + key + "', only "
                    + String.join(", ", exposed.keySet()) + ".");
        }
        return tunnel;
    }

    /** A test begins: faults and traffic of those before are forgotten, unless another one runs now. */
    void begin(ExtensionContext test) {
        if (tests.begin(test.getUniqueId(), name(test))) {
            live.ifMade().ifPresent(Live::reset);
        }
    }

    /** A test that began is over. */
    void end(ExtensionContext test) {
        tests.end(test.getUniqueId());
    }

    /** A class or test, for people. */
    static String name(ExtensionContext context) {
        String type = context.getRequiredTestClass().getSimpleName();
        return context.getTestMethod()
                .map(method -> type + "." + context.getDisplayName())
                .orElse(type);
    }

    /**
     * Closes everything.
     *
     * @throws AssertionError if something was left open, saying what
     */
    void close() {
        Optional<Live> last = live.take();
        if (last.isEmpty()) {
            exposed.values().forEach(ExposedTunnel::close);
            return;
        }
        Live running = last.get();
        LeakCheck leaks = new LeakCheck(running, tests, patience);
        try {
            if (options.leakCheck()) {
                leaks.beforeClose();
            }
        } finally {
            close(running);
        }
        if (options.leakCheck()) {
            leaks.afterClose();
        }
        running.threads().close();
        leaks.report(owner);
    }

    private void close(Live running) {
        try {
            exposed.values().forEach(ExposedTunnel::close);
            running.agent().close();
        } finally {
            running.threads().run(running.relay()::close);
        }
    }
}
