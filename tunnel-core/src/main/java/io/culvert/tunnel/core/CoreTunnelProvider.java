package io.culvert.tunnel.core;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.net.AgentNetwork;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.spi.TunnelProvider;
import java.util.function.Function;

/** The facade's implementation, but for the network stack: a provider extends it and names that. */
public abstract class CoreTunnelProvider implements TunnelProvider {
    private final RelayNetwork relays;
    private final Function<AgentOptions, AgentNetwork> agents;

    /**
     * A provider on a network stack. Does nothing that can fail.
     *
     * @param relays starts a relay's edge
     * @param agents makes a new network stack for an agent
     */
    protected CoreTunnelProvider(RelayNetwork relays, Function<AgentOptions, AgentNetwork> agents) {
        this.relays = relays;
        this.agents = agents;
    }

    @Override
    public TunnelAgent agent(AgentOptions options) {
        return AgentRuntime.create(options, () -> agents.apply(options));
    }

    @Override
    public TunnelRelay relay(RelayOptions options) {
        return RelayRuntime.start(options, relays);
    }

    @Override
    public Tunnel expose(TunnelSpec spec) {
        return StaticExpose.SHARED.expose(spec, relays, agents);
    }
}
