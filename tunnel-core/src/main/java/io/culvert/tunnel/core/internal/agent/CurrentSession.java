package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.core.internal.LogText;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.channel.SendQueue;
import io.culvert.tunnel.message.TunnelMessage.Grant;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.spi.TransportProvider;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session that the link has now, or had before its control channel was lost. Changed in the strand of the one wire that stands, so that
 * the transport knows the session, and the agent its tunnels, before the next message is read.
 */
final class CurrentSession {
    private static final Logger LOG = LoggerFactory.getLogger(CurrentSession.class);

    private final AgentParts parts;
    private final Link link;
    private final SendQueue queue;
    private final TunnelTable tunnels;

    /** Null before the first. */
    private volatile @Nullable AgentSession session; // written in wires' strands, one wire after the other

    /** Where the session stands, to end it there. */
    private volatile @Nullable LinkAttempt place; // as session

    CurrentSession(AgentParts parts, Link link, SendQueue queue, TunnelTable tunnels) {
        this.parts = parts;
        this.link = link;
        this.queue = queue;
        this.tunnels = tunnels;
    }

    /** The transport in use; before the first session the preferred one. */
    String transportName() {
        AgentSession now = session;
        return now != null ? now.transportName() : parts.catalog().names().get(0);
    }

    /** The relay registered this agent: the same session goes on, or another one begins. Returns {@code null} if it cannot be. */
    @Nullable
    AgentSession begin(LinkAttempt on, Registered registered) {
        AgentSession before = session;
        boolean resumed = before != null && before.isResumedBy(registered);
        AgentSession now = resumed ? before : create(on, registered);
        if (now == null) {
            return null;
        }
        if (before != null && !resumed) {
            before.close();
        }
        session = now;
        place = on;
        LOG.info(
                "Session {} {} at {} with transport {}",
                LogText.clean(registered.session()),
                resumed ? "resumed" : "begun",
                parts.config().relay(),
                now.transportName());
        link.opened(on, registered);
        registered.tunnels().forEach(tunnels::answer);
        now.channel().open();
        if (resumed) {
            now.transport().onControlRestored();
        }
        return now;
    }

    private @Nullable AgentSession create(LinkAttempt on, Registered registered) {
        Optional<TransportProvider> provider = parts.catalog().get(registered.transport());
        if (provider.isEmpty() || registered.limits().credit() < 1) {
            on.fail(
                    Wire.PROTOCOL_ERROR,
                    "The relay chose a transport that was not offered, or gave no credit: "
                            + LogText.clean(registered.transport()));
            return null;
        }
        return new AgentSession(parts, registered, provider.get(), queue, tunnels::named, this::breach);
    }

    /** The relay answered one more wish. In the strand of the session's wire. */
    void answer(Grant grant) {
        tunnels.answer(grant);
    }

    private void breach(int code, String reason) {
        LinkAttempt on = place;
        if (on != null) {
            on.fail(code, reason);
        }
    }

    /** Resets what is left of it. */
    void close() {
        AgentSession last = session;
        if (last != null) {
            last.close();
        }
    }
}
