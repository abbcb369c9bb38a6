package io.culvert.tunnel.spring;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;

/**
 * The application's tunnel: opened when the application is ready, closed before its web server stops. All methods may be called from any
 * thread.
 */
public final class ApplicationTunnel implements SmartLifecycle, ApplicationContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(ApplicationTunnel.class);

    private final TunnelProperties properties;
    private final TunnelMetrics metrics;
    private final List<TunnelCustomizer> customizers;

    private final Object lock = new Object();
    private @Nullable ApplicationContext context; // guarded by lock
    private @Nullable Integer ownPort; // guarded by lock
    private boolean started; // guarded by lock
    private boolean stopped; // guarded by lock
    private @Nullable RelayOfOnesOwn relay; // guarded by lock
    private @Nullable TunnelAgent agent; // guarded by lock
    private @Nullable Tunnel tunnel; // guarded by lock
    private @Nullable TunnelException failure; // guarded by lock

    ApplicationTunnel(TunnelProperties properties, TunnelMetrics metrics, List<TunnelCustomizer> customizers) {
        this.properties = properties;
        this.metrics = metrics;
        this.customizers = List.copyOf(customizers);
    }

    @Override
    public void setApplicationContext(ApplicationContext applicationContext) {
        synchronized (lock) {
            context = applicationContext;
        }
    }

    /** The tunnel; empty while it is not open yet, and where it cannot be had. */
    public Optional<Tunnel> tunnel() {
        synchronized (lock) {
            return Optional.ofNullable(tunnel);
        }
    }

    /** Why there is no tunnel, where it cannot be had. */
    public Optional<TunnelException> failure() {
        synchronized (lock) {
            return Optional.ofNullable(failure);
        }
    }

    /** The web server listens. */
    @EventListener
    void onWebServer(WebServerInitializedEvent event) {
        synchronized (lock) {
            if (event.getApplicationContext() == context) { // Actuator's own port has another
                ownPort = event.getWebServer().getPort();
            }
        }
    }

    /** The application serves requests. */
    @EventListener
    void onReady(ApplicationReadyEvent event) {
        ApplicationContext here;
        Integer port;
        synchronized (lock) {
            if (event.getApplicationContext() != context || stopped) {
                return;
            }
            here = event.getApplicationContext();
            port = ownPort;
        }
        Optional<ApplicationPort> target = ApplicationPort.of(here.getEnvironment(), properties.port(), port);
        if (target.isEmpty()) {
            LOG.warn("The application has no web server and tunnel.port is not set: there is nothing to expose.");
        } else if (properties.failFast()) {
            expose(here, target.get());
        } else {
            Thread exposing = new Thread(() -> tryToExpose(here, target.get()), "culvert-expose");
            exposing.setDaemon(true);
            exposing.start();
        }
    }

    private void tryToExpose(ApplicationContext here, ApplicationPort target) {
        try {
            expose(here, target);
        } catch (TunnelException x) {
            boolean over;
            synchronized (lock) {
                failure = x;
                over = stopped;
            }
            if (!over) {
                LOG.error("The application is not exposed: {}", x.getMessage());
            }
        }
    }

    private void expose(ApplicationContext here, ApplicationPort target) {
        TunnelSpec.Builder spec = spec(target);
        TunnelAgent made;
        synchronized (lock) {
            if (stopped) {
                return;
            }
            made = agent();
            agent = made;
        }
        Tunnel open = made.expose(spec.build());
        synchronized (lock) {
            tunnel = open;
        }
        LOG.info("Exposed {}:{} at {}", target.host(), target.port(), open.publicUrl());
        here.publishEvent(new TunnelExposedEvent(here, open));
    }

    private TunnelSpec.Builder spec(ApplicationPort target) {
        TunnelSpec.Builder spec = target.spec();
        Optional.ofNullable(properties.name()).ifPresent(spec::name);
        Optional.ofNullable(properties.host()).ifPresent(spec::host);
        Optional.ofNullable(properties.publicPort()).ifPresent(spec::publicPort);
        Optional.ofNullable(properties.hostHeader()).ifPresent(spec::hostHeader);
        customizers.forEach(customizer -> customizer.customize(spec));
        return spec;
    }

    /** Call with the lock. */
    private TunnelAgent agent() {
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .transports(properties.transports().toArray(String[]::new))
                .connectTimeout(properties.failFast() ? properties.connectTimeout() : Duration.ZERO)
                .drainTimeout(properties.drainTimeout())
                .metrics(metrics);
        if (properties.relay() != null) {
            builder.relay(properties.relay());
            Optional.ofNullable(properties.token()).ifPresent(builder::token);
        } else {
            LOG.info("tunnel.relay is not set: a relay starts inside the application, on loopback.");
            RelayOfOnesOwn own = RelayOfOnesOwn.start();
            relay = own;
            builder.relay(own.uri()).token(own.token());
        }
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    @Override
    public void start() {
        synchronized (lock) {
            started = true;
        }
    }

    @Override
    public boolean isRunning() {
        synchronized (lock) {
            return started && !stopped;
        }
    }

    @Override
    public void stop() {
        TunnelAgent closing;
        RelayOfOnesOwn own;
        synchronized (lock) {
            stopped = true;
            closing = agent;
            own = relay;
        }
        if (closing != null) {
            closing.close();
        }
        if (own != null) {
            own.close();
        }
    }

    /** Beside others that stop in the same phase: open exchanges may take their time. */
    @Override
    public void stop(Runnable callback) {
        Thread closer = new Thread(
                () -> {
                    try {
                        stop();
                    } finally {
                        callback.run();
                    }
                },
                "culvert-stop");
        closer.setDaemon(true);
        closer.start();
    }

    /** The last to start and the first to stop, while the web server still answers what is open. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
