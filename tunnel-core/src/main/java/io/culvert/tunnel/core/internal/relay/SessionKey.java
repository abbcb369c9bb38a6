package io.culvert.tunnel.core.internal.relay;

/** Whose session it is: an owner may run several agents. */
record SessionKey(String owner, String agentId) {}
