package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.GatedChannel;
import io.culvert.tunnel.core.internal.Heartbeat;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.channel.SendQueue;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.internal.events.RoundTripEvent;
import io.culvert.tunnel.message.TunnelMessage.Drain;
import io.culvert.tunnel.message.TunnelMessage.Drained;
import io.culvert.tunnel.message.TunnelMessage.Exposed;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Limits;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.message.TunnelMessage.Wish;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One live agent as the relay sees it: over the loss of its control channel and its return. */
final class Session {
    /** How much longer than the drain time a replaced agent may stay. */
    private static final Duration REPLACED_LEEWAY = Duration.ofSeconds(5);

    /** Nobody's connections are kept in mind for longer. */
    private static final Duration LONGEST_DEADLINE = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String id = Ids.id();
    private final SessionKey key;
    private final RelayParts parts;
    private final Sessions sessions;
    private final Claims claims;
    private final SendQueue queue;
    private final GatedChannel channel;
    private final SessionInbox inbox;
    private final SessionContext context;
    private final String transportName;
    private final RelayTransport transport;
    private final Map<String, String> parameters;
    private final StreamCount streams = new StreamCount();

    // All below: touched in control tasks only.
    private SessionState state = SessionState.STARTING;
    private final Set<RelayTunnel> tunnels = new LinkedHashSet<>();
    private AgentIdentity identity;
    private @Nullable Wire wire;
    private @Nullable Heartbeat heartbeat;
    private @Nullable ScheduledFuture<?> timeout; // the end of the grace time, or of a replaced agent's stay
    private @Nullable Resumption resumption; // until the older wire is closed
    private boolean leaving; // takes no new streams: the agent said so, or was replaced

    /** An agent that is back on a new wire. */
    private record Resumption(Wire wire, AgentIdentity identity, Register register) {}

    /** A session whose agent was not told yet. */
    Session(
            SessionKey key,
            AgentIdentity identity,
            RelayParts parts,
            Sessions sessions,
            Claims claims,
            TransportProvider provider,
            int credit) {
        this.key = key;
        this.identity = identity;
        this.parts = parts;
        this.sessions = sessions;
        this.claims = claims;
        this.queue = new SendQueue(new MessageCodec(), sessions.edge().executor(), new SendQueue.Watch() {
            @Override
            public void queued(long delta) {
                parts.metrics().sendQueued(Role.RELAY, delta);
            }

            @Override
            public void choked() {
                parts.metrics().limitReached(Limit.QUEUED_MESSAGES);
            }
        });
        this.channel = new GatedChannel(queue);
        this.inbox = new SessionInbox(this, parts.control());
        this.context = new SessionContext(id, parts, sessions.edge(), channel, credit, inbox::fail);
        this.transportName = provider.name();
        this.transport = provider.relayHalf(context);
        this.parameters = transport.parameters();
    }

    String id() {
        return id;
    }

    String owner() {
        return key.owner();
    }

    /** Who the agent is, as its newest token said. In control tasks only. */
    AgentIdentity identity() {
        return identity;
    }

    String transportName() {
        return transportName;
    }

    RelayTransport transport() {
        return transport;
    }

    SendQueue queue() {
        return queue;
    }

    GatedChannel channel() {
        return channel;
    }

    /** Whether the transport can be asked for a stream now. From any thread. */
    boolean connected() {
        return inbox.connected();
    }

    /** The streams of all tunnels that it has or had. */
    StreamCount streams() {
        return streams;
    }

    int tunnelCount() {
        return tunnels.size();
    }

    void add(RelayTunnel tunnel) {
        tunnels.add(tunnel);
    }

    void remove(RelayTunnel tunnel) {
        tunnels.remove(tunnel);
    }

    /**
     * The agent registered, for the first time or again. The newest wire counts: an older one is closed first, and what came in on it is
     * done with.
     */
    void connect(Wire on, AgentIdentity as, Register register) {
        Resumption superseded = resumption;
        Wire older = wire;
        if (older == null) {
            attach(on, as, register);
            return;
        }
        resumption = new Resumption(on, as, register);
        if (superseded == null) {
            LOG.info(
                    "Session {}: its agent connected again while the older control channel stands; replacing that", id);
            older.close(Wire.GOING_AWAY, "The agent connected again.", TunnelError.LINK_LOST);
        } else {
            superseded.wire.close(Wire.GOING_AWAY, "The agent connected again.", TunnelError.LINK_LOST);
        }
    }

    private void attach(Wire on, AgentIdentity as, Register register) {
        identity = as;
        boolean back = state == SessionState.AWAY;
        transitionTo(SessionState.STARTING);
        cancelTimeout();
        leaving = false;
        wire = on;
        List<Grant> grants = new ArrayList<>();
        Set<RelayTunnel> unwanted = new LinkedHashSet<>(tunnels);
        for (Wish wish : register.tunnels()) {
            Grant grant = claims.grant(this, wish);
            grants.add(grant);
            unwanted.removeIf(tunnel -> tunnel.name().equals(grant.name()));
        }
        unwanted.forEach(tunnel -> claims.release(tunnel, TunnelError.UNKNOWN_TUNNEL));
        LOG.info(
                "Session {} of {} {}: transport {}, {} tunnel(s)",
                id,
                key.owner(),
                back ? "resumed" : "registered",
                transportName,
                tunnels.size());
        Limits limits = new Limits(
                context.receiveCredit(),
                parts.options().pingInterval().toMillis(),
                parts.options().graceTime().toMillis());
        inbox.attach(on, new Registered(id, context.dataSecret(), grants, transportName, parameters, limits));
    }

    /** Agent and transport know that the session stands. */
    void opened(Wire on) {
        if (wire == on && state == SessionState.STARTING) {
            Heartbeat beats = new Heartbeat(on, queue, parts.options().pingInterval(), parts.timing(), this::roundTrip);
            heartbeat = beats;
            inbox.onPong(beats::answered);
            beats.start();
            transitionTo(SessionState.OPEN);
            if (leaving) {
                awaitLastStream(); // replaced before the agent heard that the session stands
            }
        }
    }

    private void roundTrip(Duration time) {
        RoundTripEvent.record(Role.RELAY, id, time);
        parts.metrics().roundTrip(Role.RELAY, time);
    }

    /** A wire is closed; the transport knows. */
    void lost(Wire which, Wire.Closed closed) {
        if (wire != which || state == SessionState.ENDED) {
            return;
        }
        wire = null;
        if (heartbeat != null) {
            heartbeat.stop();
            heartbeat = null;
        }
        transitionTo(SessionState.AWAY);
        Resumption back = resumption;
        resumption = null;
        boolean farewell = leaving && !closed.local() && closed.code() <= Wire.GOING_AWAY;
        if (back != null) {
            attach(back.wire, back.identity, back.register);
        } else if (closed.protocolBroken() || farewell) {
            end(closed.code(), closed.reason(), closed.error());
        } else {
            LOG.info("Session {} lost its control channel ({}): {}", id, closed.code(), closed.reason());
            cancelTimeout();
            timeout = later(parts.options().graceTime(), "The agent did not come back in time.");
        }
    }

    /** Answers a wish for one more tunnel. */
    void expose(Wish wish) {
        if (state == SessionState.OPEN) {
            Grant grant = claims.grant(this, wish);
            queue.send(new Exposed(grant));
            tunnels.forEach(this::publish);
        }
    }

    /** The agent takes a tunnel back. */
    void withdraw(String name, @Nullable Duration deadline) {
        tunnels.stream()
                .filter(tunnel -> tunnel.name().equals(name))
                .findFirst()
                .ifPresent(tunnel -> {
                    claims.release(tunnel, TunnelError.UNKNOWN_TUNNEL);
                    if (deadline != null) {
                        farewell(tunnel, deadline);
                    }
                });
    }

    /** When the time is up, the tunnel's connections that can say so to their peers do, and end. */
    void farewell(RelayTunnel tunnel, Duration deadline) {
        Duration soon = deadline.compareTo(LONGEST_DEADLINE) < 0 ? deadline : LONGEST_DEADLINE;
        tunnel.farewellBy(parts.timing().after(soon, tunnel::farewell));
    }

    /** As {@link #farewell(RelayTunnel, Duration)}, for all that are left, now. */
    void farewell() {
        tunnels.forEach(RelayTunnel::farewell);
    }

    /** The agent takes no new streams any more. */
    void agentLeaves(Duration deadline) {
        LOG.info("Session {}: the agent is closing", id);
        leaving = true;
        tunnels.forEach(this::publish);
        tunnels.forEach(tunnel -> farewell(tunnel, deadline));
        awaitLastStream();
    }

    /** Tells the agent that it can go once no stream is left. Call when the tunnels take no new ones. */
    private void awaitLastStream() {
        streams.whenNone(() -> parts.control().execute(() -> {
            if (leaving && state == SessionState.OPEN) {
                LOG.debug("Session {}: no stream is left", id);
                queue.send(new Drained());
            }
        }));
    }

    /** Another agent has a name of this one's: it finishes what is open, and does not come back. */
    void replace() {
        if (state == SessionState.ENDED || !sessions.ban(key)) {
            return;
        }
        LOG.info("Session {}: another agent of {} took its name over", id, key.owner());
        leaving = true;
        tunnels.forEach(this::publish);
        Duration stay = parts.options().drainTimeout();
        tunnels.forEach(tunnel -> farewell(tunnel, stay));
        drain(stay, TunnelError.REPLACED);
        awaitLastStream();
        if (state != SessionState.AWAY) {
            cancelTimeout();
            timeout = later(stay.plus(REPLACED_LEEWAY), "The replaced agent did not leave.");
        }
    }

    /** Tells the agent that there will be no new streams. */
    void drain(Duration deadline, TunnelError why) {
        queue.send(new Drain(deadline.toMillis(), why.code()));
    }

    /** Ends the session for good: its streams are reset, its tunnels are gone. */
    void end(int code, String reason, TunnelError why) {
        if (state == SessionState.ENDED) {
            return;
        }
        LOG.info("Session {} of {} ended ({}): {}", id, key.owner(), code, reason);
        transitionTo(SessionState.ENDED);
        cancelTimeout();
        if (heartbeat != null) {
            heartbeat.stop();
        }
        if (wire != null) {
            wire.close(code, reason, why);
        }
        if (resumption != null) {
            resumption.wire.close(code, reason, why);
        }
        try {
            transport.close();
        } catch (RuntimeException x) {
            LOG.error("Transport {} failed to close", transportName, x);
        }
        TunnelError forWaiting = why == TunnelError.CLOSING ? why : TunnelError.AGENT_AWAY;
        List.copyOf(tunnels).forEach(tunnel -> claims.release(tunnel, forWaiting));
        sessions.forget(key, this);
    }

    private ScheduledFuture<?> later(Duration delay, String reason) {
        return parts.timing().after(delay, () -> parts.control().execute(() -> timedOut(reason)));
    }

    private void timedOut(String reason) {
        if (state == SessionState.AWAY || leaving) {
            end(Wire.GOING_AWAY, reason, TunnelError.AGENT_AWAY);
        }
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
    }

    private void transitionTo(SessionState next) {
        LOG.debug("Session {}: {} -> {}", id, state, next);
        state = next;
        if (next != SessionState.ENDED) {
            tunnels.forEach(this::publish);
        }
    }

    private void publish(RelayTunnel tunnel) {
        boolean closing = leaving || sessions.isClosing();
        tunnel.reach(closing ? Reach.CLOSING : state == SessionState.OPEN ? Reach.OPEN : Reach.AWAY);
    }

    /** Takes no new streams, as the relay is closing. */
    void relayCloses(Duration deadline) {
        tunnels.forEach(this::publish);
        drain(deadline, TunnelError.CLOSING);
    }
}
