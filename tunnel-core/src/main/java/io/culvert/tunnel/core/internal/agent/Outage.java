package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.events.ReconnectEvent;
import org.jspecify.annotations.Nullable;

/** What metrics and recordings are told of the time from a loss of the control channel to its return. In the link's tasks only. */
final class Outage {
    private final AgentParts parts;
    private @Nullable ReconnectEvent event; // while it lasts, where it is recorded

    Outage(AgentParts parts) {
        this.parts = parts;
    }

    void begin(Wire.Closed closed) {
        parts.metrics().reconnecting(closed.error());
        event = ReconnectEvent.beginNow(parts.config().relay(), closed.error(), closed.reason());
    }

    /** The relay is dialled, perhaps for the first time ever. */
    void attempt() {
        if (event != null) {
            event.attempt();
        }
    }

    /** The channel stands again, or never will. Does nothing if there was no loss. */
    void over(boolean back) {
        if (event != null) {
            event.over(back);
            event = null;
        }
    }
}
