package io.culvert.tunnel;

import org.jspecify.annotations.Nullable;

/**
 * Hears what happens to an agent's tunnels. Called one at a time and in order for one tunnel, on a thread of the agent, outside
 * any lock; what it throws is logged and goes no further.
 */
@FunctionalInterface
public interface TunnelListener {
    /**
     * A tunnel changed its state.
     *
     * @param tunnel the tunnel
     * @param state its new state
     * @param cause why it left the state before, if something failed
     */
    void onState(Tunnel tunnel, TunnelState state, @Nullable TunnelException cause);
}
