package io.culvert.tunnel.cli.probe;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.application.LocalApplication;
import io.culvert.tunnel.jetty.RelayRoute;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/** A throw-away tunnel to a service of the probe's own, with a visitor. */
public final class Probe implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final TunnelAgent agent;
    private final Tunnel tunnel;
    private final ProbeVisitor visitor;

    private Probe(TunnelAgent agent, Tunnel tunnel, ProbeVisitor visitor) {
        this.agent = agent;
        this.tunnel = tunnel;
        this.visitor = visitor;
    }

    /** Starts the service that probes expose; several can share it. */
    public static LocalApplication startService() {
        return ProbeService.start();
    }

    /**
     * Opens a tunnel.
     *
     * @param builder an agent for one transport
     * @param route leads to the relay
     * @param service what {@link #startService} gave
     * @param name the tunnel's name; none for one that nobody has. Not a name of the relay's choice: for a token with names of its own that
     *     would be one of these, and take it over from the agent that has it
     * @throws TunnelException if the relay cannot be reached or refuses
     */
    public static Probe open(
            TunnelAgent.Builder builder, RelayRoute route, LocalApplication service, Optional<String> name) {
        TunnelSpec.Builder spec = TunnelSpec.builder(service.port()).localHost("127.0.0.1");
        spec.name(name.orElseGet(Probe::unusedName));
        TunnelAgent agent = builder.connectTimeout(PATIENCE).drainTimeout(DRAIN).build();
        try {
            Tunnel tunnel = agent.expose(spec.build());
            return new Probe(agent, tunnel, new ProbeVisitor(tunnel.publicUrl(), route));
        } catch (RuntimeException x) {
            agent.close();
            throw x;
        }
    }

    private static String unusedName() {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        return "probe-" + HexFormat.of().formatHex(random);
    }

    /** The tunnel. */
    public Tunnel tunnel() {
        return tunnel;
    }

    /** Who visits it. */
    public ProbeVisitor visitor() {
        return visitor;
    }

    @Override
    public void close() {
        visitor.close();
        agent.close();
    }
}
