package io.culvert.tunnel.core;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.agent.AgentConfig;
import io.culvert.tunnel.core.internal.agent.AgentLife;
import io.culvert.tunnel.core.net.AgentNetwork;
import java.security.SecureRandom;
import java.util.Random;
import java.util.function.Supplier;

/** An agent on some network stack. */
public final class AgentRuntime implements TunnelAgent {
    private final AgentLife life;

    /**
     * An agent that is not connected yet.
     *
     * @param network makes the network stack at the first expose
     * @throws io.culvert.tunnel.TunnelException {@code BAD_CONFIGURATION} if no relay is named, or if an option cannot work;
     *     {@code MISSING_ARTIFACT} if a transport is not there
     */
    public static TunnelAgent create(AgentOptions options, Supplier<AgentNetwork> network) {
        return create(options, network, AgentConfig.Lookup.SYSTEM);
    }

    static TunnelAgent create(AgentOptions options, Supplier<AgentNetwork> network, AgentConfig.Lookup lookup) {
        AgentConfig config = AgentConfig.of(options, lookup);
        return create(options, config, network, () -> Timing.real("culvert-agent-scheduler"), new SecureRandom());
    }

    /** With time and chance under control. The agent shuts the scheduler down. */
    static TunnelAgent create(
            AgentOptions options,
            AgentConfig config,
            Supplier<AgentNetwork> network,
            Supplier<Timing> timing,
            Random random) {
        return new AgentRuntime(new AgentLife(options, config, network, timing, random));
    }

    private AgentRuntime(AgentLife life) {
        this.life = life;
    }

    @Override
    public Tunnel expose(TunnelSpec spec) {
        return life.expose(spec);
    }

    @Override
    public void close() {
        life.close();
    }
}
