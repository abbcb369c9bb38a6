package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.spi.ControlChannel;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;

/** Pings a peer, and cuts the wire when nothing came in for three intervals. */
public final class Heartbeat {
    private static final int SILENT_INTERVALS = 3;
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Wire wire;
    private final ControlChannel channel;
    private final Duration interval;
    private final Timing timing;
    private final ScheduledFuture<?> task;
    private long nonce; // only touched by the task

    /**
     * Starts to beat.
     *
     * @param interval as a peer may wish for it: kept between 10 ms and 10 min
     */
    public Heartbeat(Wire wire, ControlChannel channel, Duration interval, Timing timing) {
        this.wire = wire;
        this.channel = channel;
        this.interval = bounded(interval);
        this.timing = timing;
        this.task = timing.every(this.interval, this::beat);
    }

    private static Duration bounded(Duration wanted) {
        Duration atLeast = wanted.compareTo(SHORTEST) < 0 ? SHORTEST : wanted;
        return atLeast.compareTo(LONGEST) > 0 ? LONGEST : atLeast;
    }

    /** Stops. */
    public void stop() {
        task.cancel(false);
    }

    private void beat() {
        if (wire.isOver()) {
            return;
        }
        long silence = timing.now() - wire.heardAt();
        if (silence >= SILENT_INTERVALS * interval.toNanos()) {
            wire.cut(
                    "Nothing came on the control channel for "
                            + Duration.ofNanos(silence).toMillis() + " ms.",
                    TunnelError.LINK_LOST);
        } else {
            channel.send(new Ping(++nonce));
        }
    }
}
