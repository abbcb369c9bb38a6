package io.culvert.tunnel;

import java.util.Optional;

/** Decides which agents a relay lets in. Called for every handshake, on a thread that may block briefly. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Tells whose token it is.
     *
     * @param token the token that the agent sent; never log it
     * @return who the agent is, or empty to refuse; unknown and malformed tokens get the same answer
     */
    Optional<AgentIdentity> authenticate(String token);
}
