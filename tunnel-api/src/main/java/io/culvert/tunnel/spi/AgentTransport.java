package io.culvert.tunnel.spi;

/** The agent's half: answers a relay's wishes for streams through {@link AgentContext#acceptor()}. */
public interface AgentTransport extends Transport {}
