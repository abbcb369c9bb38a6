package io.culvert.tunnel;

/**
 * Who an agent is, as an {@link Authenticator} found out. Two agents with the same owner share their names.
 *
 * @param owner a stable, non-secret label of the token's owner; it may stand in logs
 */
public record AgentIdentity(String owner) {}
