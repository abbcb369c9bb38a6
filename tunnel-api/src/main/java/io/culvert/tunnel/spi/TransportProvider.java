package io.culvert.tunnel.spi;

/**
 * A way for data streams to travel. Found by {@link java.util.ServiceLoader} on both sides; agent and relay agree on one
 * by name. The constructor and {@link #name} do nothing that can fail.
 */
public interface TransportProvider {
    /** The name on the wire and in options: 1 to 32 of {@code a-z}, {@code 0-9} and {@code -}. */
    String name();

    /**
     * Where it stands among transports that the application did not order: the highest is offered first. One below zero is
     * offered and allowed only where the application names it.
     */
    default int preference() {
        return 0;
    }

    /** The relay's half for a new session. */
    RelayTransport relayHalf(RelayContext context);

    /** The agent's half for a new session. */
    AgentTransport agentHalf(AgentContext context);
}
