package io.culvert.tunnel;

import java.nio.file.Path;
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

    /**
     * Whether a name or host is set aside for some agent, whether that is connected or not. Visitors then hear that the agent
     * is away, not that there is no such tunnel. Called for requests of visitors that meet no tunnel; must not block.
     */
    default boolean isBound(String nameOrHost) {
        return false;
    }

    /**
     * Lets in who holds a token of a file: UTF-8, one token a line, blank lines and lines that begin with {@code #} ignored. What
     * follows a token on its line, separated by blanks, is what its agents may claim, as in {@link AgentIdentity#claims}; a token
     * alone may claim anything that is free. Names and hosts that are named in full are bound: nobody else gets them,
     * and visitors meet 503 while their agent is away. The file is read again when it changed; while it cannot be read, the tokens read before stay valid. To change it
     * in one step, write a new file and rename it over the old one. Each token is an owner of its own.
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be read now or holds no token
     */
    static Authenticator tokens(Path file) {
        return new TokenFile(file);
    }
}
