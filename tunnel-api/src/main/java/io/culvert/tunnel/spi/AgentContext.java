package io.culvert.tunnel.spi;

import java.net.URI;
import java.util.Map;

/** What the agent's half of a transport is given. */
public interface AgentContext extends TransportContext {
    /** Where the relay's control channel is. */
    URI relay();

    /** What the relay's half said of itself. */
    Map<String, String> parameters();

    /** Connects wishes for streams to the local service. */
    StreamAcceptor acceptor();
}
