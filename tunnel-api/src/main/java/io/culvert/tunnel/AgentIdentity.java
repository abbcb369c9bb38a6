package io.culvert.tunnel;

import java.util.Set;

/**
 * Who an agent is, as an {@link Authenticator} found out. Two agents with the same owner share their names.
 *
 * @param owner a stable, non-secret label of the token's owner; it may stand in logs
 * @param claims what the agent may claim: names ({@code shop}), names by their beginning ({@code shop-*}), hosts
 *     ({@code app.example.org}) and ports ({@code :8443}), in lower case. Where none is a name or a host, any free one
 *     may be claimed; where none is a port, any free port
 */
public record AgentIdentity(String owner, Set<String> claims) {
    /** An identity with a copy of the claims. */
    public AgentIdentity {
        claims = Set.copyOf(claims);
    }

    /** An agent that may claim anything that is free. */
    public AgentIdentity(String owner) {
        this(owner, Set.of());
    }

    /** Whether the agent may have the name or host. */
    public boolean mayClaim(String nameOrHost) {
        return claims.stream().allMatch(AgentIdentity::isPort)
                || claims.stream().anyMatch(claim -> covers(claim, nameOrHost));
    }

    /** Whether the agent may have the port. */
    public boolean mayClaimPort(int port) {
        return claims.stream().noneMatch(AgentIdentity::isPort) || claims.contains(":" + port);
    }

    private static boolean isPort(String claim) {
        return claim.startsWith(":");
    }

    /** Whether a claim is for the name or host. */
    static boolean covers(String claim, String nameOrHost) {
        return claim.endsWith("*")
                ? nameOrHost.startsWith(claim.substring(0, claim.length() - 1)) && nameOrHost.indexOf('.') < 0
                : claim.equals(nameOrHost);
    }
}
