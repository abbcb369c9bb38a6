package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.core.internal.Heartbeat;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.internal.events.RoundTripEvent;
import io.culvert.tunnel.spi.ControlChannel;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pings the relay while a session stands, and knows how long the last answer took. Started and stopped in the link's tasks. */
final class Pulse {
    private final AgentParts parts;
    private final ControlChannel channel;
    private @Nullable Heartbeat heartbeat; // touched in the link's tasks only
    private volatile @Nullable Duration roundTrip; // written in the strand of the wire that stands

    Pulse(AgentParts parts, ControlChannel channel) {
        this.parts = parts;
        this.channel = channel;
    }

    /** The session stands on the wire: pings at once, and again and again. */
    void start(LinkAttempt on, Wire wire, Duration interval) {
        Heartbeat beats = new Heartbeat(wire, channel, interval, parts.timing(), this::measured);
        heartbeat = beats;
        on.onPong(beats::answered);
        beats.start();
        beats.beat();
    }

    /** The session does not stand any more. */
    void stop() {
        if (heartbeat != null) {
            heartbeat.stop();
            heartbeat = null;
        }
    }

    /** How long the last ping took; empty before the first answer. */
    Optional<Duration> roundTrip() {
        return Optional.ofNullable(roundTrip);
    }

    private void measured(Duration time) {
        roundTrip = time;
        RoundTripEvent.record(Role.AGENT, parts.config().relay().toString(), time);
        parts.metrics().roundTrip(Role.AGENT, time);
    }
}
