package io.culvert.tunnel;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which agents a relay lets in. Called for every handshake, on a thread that may block briefly. A relay asks by
 * {@link #authenticate(AgentCredentials)}.
 */
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
     * Tells who has these credentials. By default the token alone counts; override it where certificates do.
     *
     * @return who the agent is, or empty to refuse
     */
    default Optional<AgentIdentity> authenticate(AgentCredentials credentials) {
        return credentials.token().flatMap(this::authenticate);
    }

    /**
     * Tells which agents that were let in before would be let in again, and be the same. A session whose agent is missing from two answers
     * in a row ends within 10 s; its agent may come back and prove anew who it is. By default all stay. Called every 4 s while there are
     * sessions, one call at a time, on a thread that may block briefly; if it throws, all stay.
     *
     * @param agents whose sessions last, as {@link #authenticate} told them
     * @return those of them that stay; what else is in it counts for nothing
     */
    default Set<AgentIdentity> stillLetIn(Set<AgentIdentity> agents) {
        return agents;
    }

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
     * in one step, write a new file and rename it over the old one. When a line is gone, or has other claims, the sessions of its agents
     * end within 10 s. Each token is an owner of its own.
     *
     * <p>{@code cert:NAME} in a token's place lets in agents that have a certificate for that name and send no token
     * ({@link AgentCredentials#certificateNames()}; {@link RelayOptions.Builder#agentCertificates}).
     *
     * @throws TunnelException {@code BAD_CONFIGURATION} if the file cannot be read now or holds no token
     */
    static Authenticator tokens(Path file) {
        return new TokenFile(file);
    }

    /**
     * Lets in every agent whose certificate the relay's authorities vouch for ({@link RelayOptions.Builder#agentCertificates}) and that is for
     * somebody. Whom it is for is the owner, by the first of its names, and may claim anything that is free.
     */
    static Authenticator certificates() {
        return new Authenticator() {
            @Override
            public Optional<AgentIdentity> authenticate(String token) {
                return Optional.empty();
            }

            @Override
            public Optional<AgentIdentity> authenticate(AgentCredentials credentials) {
                List<String> names = credentials.certificateNames();
                return names.isEmpty() ? Optional.empty() : Optional.of(new AgentIdentity("cert:" + names.get(0)));
            }
        };
    }
}
