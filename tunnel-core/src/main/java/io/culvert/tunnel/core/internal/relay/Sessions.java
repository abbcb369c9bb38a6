package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.net.RelayNetwork.Edge;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.spi.TransportProvider;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions of a relay, and who may have one. Changed in control tasks only. */
public final class Sessions {
    /** How many replaced agents are remembered, so that none comes back. */
    private static final int MAX_BANNED = 4096;

    private static final int MAX_AGENT_ID = 128;
    private static final int SMALLEST_CREDIT = 1024;
    private static final int LARGEST_CREDIT = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    private final RelayParts parts;
    private final Edge edge;
    private final Claims claims;
    private final Map<SessionKey, Session> byKey = new HashMap<>();
    private final Map<String, Integer> ofOwner = new HashMap<>(); // how many sessions
    private final Map<SessionKey, Boolean> banned = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionKey, Boolean> eldest) {
            return size() > MAX_BANNED;
        }
    };
    private boolean closing;

    /** No sessions yet. */
    public Sessions(RelayParts parts, Edge edge, Addresses addresses, Registry registry) {
        this.parts = parts;
        this.edge = edge;
        this.claims = new Claims(parts, edge, addresses, registry);
    }

    Edge edge() {
        return edge;
    }

    boolean isClosing() {
        return closing;
    }

    /** Answers an agent's first message. */
    void register(Wire wire, AgentIdentity identity, Register register) {
        SessionKey key = new SessionKey(identity.owner(), register.agentId());
        Optional<TransportProvider> provider = parts.catalog().choose(register.transports());
        if (closing) {
            refuse(wire, TunnelError.CLOSING, "The relay is closing. Try again shortly.");
        } else if (register.version() != TunnelMessage.VERSION) {
            refuse(
                    wire,
                    TunnelError.VERSION_UNSUPPORTED,
                    "The agent speaks protocol version " + register.version() + ", this relay speaks version "
                            + TunnelMessage.VERSION + ". Upgrade the older one.");
        } else if (register.agentId().isEmpty()
                || register.agentId().length() > MAX_AGENT_ID
                || register.credit() < SMALLEST_CREDIT
                || register.credit() > LARGEST_CREDIT) {
            wire.close(Wire.PROTOCOL_ERROR, "The agent id or the credit is out of range.", TunnelError.PROTOCOL);
        } else if (banned.containsKey(key)) {
            refuse(wire, TunnelError.REPLACED, TunnelError.REPLACED.advice());
        } else if (provider.isEmpty()) {
            refuse(
                    wire,
                    TunnelError.NO_COMMON_TRANSPORT,
                    "The agent offers other transports than this relay's: "
                            + String.join(", ", parts.catalog().names()) + ". Add the transport's artifact to both.");
        } else {
            connect(wire, key, identity, register, provider.get());
        }
    }

    private void connect(
            Wire wire, SessionKey key, AgentIdentity identity, Register register, TransportProvider provider) {
        Session session = byKey.get(key);
        if (session != null && !session.transportName().equals(provider.name())) {
            session.end(Wire.GOING_AWAY, "The agent came back with another transport.", TunnelError.LINK_LOST);
            session = null;
        }
        if (session == null) {
            if (isFull(wire, key.owner())) {
                return;
            }
            try {
                session = new Session(key, identity, parts, this, claims, provider, register.credit());
            } catch (RuntimeException x) {
                LOG.error("Transport {} could not begin a session", provider.name(), x);
                refuse(wire, TunnelError.INTERNAL, "The relay's transport failed. Its log has the details.");
                return;
            }
            byKey.put(key, session);
            ofOwner.merge(key.owner(), 1, Integer::sum);
            parts.metrics().sessions(1);
        }
        session.connect(wire, identity, register);
    }

    /** Whether there is no room for one more agent, which is then told so. */
    private boolean isFull(Wire wire, String owner) {
        int most = parts.options().limits().sessions();
        int mostOfOwner = parts.options().limits().sessionsPerOwner();
        if (byKey.size() >= most) {
            parts.metrics().limitReached(Limit.SESSIONS);
            refuse(wire, TunnelError.OVERLOADED, "The relay has all " + most + " agents that it takes.");
            return true;
        }
        if (ofOwner.getOrDefault(owner, 0) >= mostOfOwner) {
            parts.metrics().limitReached(Limit.SESSIONS_PER_OWNER);
            String what = "The relay has all " + mostOfOwner + " agents that it takes of one token or certificate."
                    + " Stop one of them, or try again later.";
            refuse(wire, TunnelError.OVERLOADED, what);
            return true;
        }
        return false;
    }

    private void refuse(Wire wire, TunnelError error, String message) {
        LOG.info("Refused an agent: {}", message);
        wire.refuse(new TunnelMessage.Refused(error.code(), message, error.retryable()), message, parts.timing());
    }

    /** Keeps a replaced agent from coming back. Returns false if it was known. */
    boolean ban(SessionKey key) {
        return banned.put(key, Boolean.TRUE) == null;
    }

    /** A session ended. */
    void forget(SessionKey key, Session session) {
        byKey.remove(key, session);
        ofOwner.computeIfPresent(key.owner(), (owner, count) -> count == 1 ? null : count - 1);
        parts.metrics().sessions(-1);
    }

    /** No new sessions and streams from now on; agents are told. */
    public void drain(Duration deadline) {
        closing = true;
        all().forEach(session -> session.relayCloses(deadline));
    }

    /** The time of open connections is up. */
    public void farewell() {
        all().forEach(Session::farewell);
    }

    /** Ends every session. */
    public void end() {
        closing = true;
        all().forEach(session -> session.end(Wire.GOING_AWAY, "The relay is closing.", TunnelError.CLOSING));
    }

    /** Those that have not ended. */
    List<Session> all() {
        return List.copyOf(byKey.values());
    }
}
