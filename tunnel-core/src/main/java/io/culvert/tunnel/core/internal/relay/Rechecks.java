package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Authenticator;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.Wire;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the authenticator again and again about agents that it let in, and ends the sessions of those that it would not let in any more. */
public final class Rechecks {
    /** How often it is asked. Two answers count, as a file may be read while someone writes it. */
    private static final Duration INTERVAL = Duration.ofSeconds(4);

    private static final Logger LOG = LoggerFactory.getLogger(Rechecks.class);

    private final Authenticator authenticator;
    private final RelayParts parts;
    private final Sessions sessions;

    private boolean failed; // the last time; by one asking thread at a time

    // Both below: touched in control tasks only.
    private boolean asking;
    private Set<AgentIdentity> missing = Set.of(); // from the last answer

    /** Asks nothing yet. */
    public Rechecks(Authenticator authenticator, RelayParts parts, Sessions sessions) {
        this.authenticator = authenticator;
        this.parts = parts;
        this.sessions = sessions;
    }

    /** Asks from now on, until the scheduler stops. */
    public void begin() {
        parts.timing().every(INTERVAL, () -> parts.control().execute(this::look));
    }

    private void look() {
        Set<AgentIdentity> agents =
                sessions.all().stream().map(Session::identity).collect(Collectors.toUnmodifiableSet());
        if (asking || agents.isEmpty()) {
            return;
        }
        asking = true;
        try {
            sessions.edge().executor().execute(() -> ask(agents));
        } catch (RejectedExecutionException x) {
            LOG.debug("No more looks at agents: the executor stops", x);
        }
    }

    /** May block. */
    private void ask(Set<AgentIdentity> agents) {
        Set<AgentIdentity> gone = new HashSet<>();
        try {
            Set<AgentIdentity> stay = authenticator.stillLetIn(agents);
            agents.stream().filter(agent -> !stay.contains(agent)).forEach(gone::add);
            failed = false;
        } catch (RuntimeException x) {
            if (!failed) { // once, not every few seconds
                LOG.error("The authenticator failed when asked about agents that are connected; they stay", x);
            }
            failed = true;
        } finally {
            parts.control().execute(() -> answered(gone));
        }
    }

    private void answered(Set<AgentIdentity> gone) {
        asking = false;
        Set<AgentIdentity> before = missing;
        missing = gone;
        sessions.all().stream()
                .filter(session -> gone.contains(session.identity()) && before.contains(session.identity()))
                .forEach(session -> session.end(
                        Wire.GOING_AWAY,
                        "The agent's token or certificate is not let in any more, or may claim something else now.",
                        TunnelError.UNAUTHORIZED));
    }
}
