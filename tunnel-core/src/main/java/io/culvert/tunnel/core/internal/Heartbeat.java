package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage.Ping;
import io.culvert.tunnel.spi.ControlChannel;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Pings a peer, measures how long the answers take, and cuts the wire when nothing came in for three intervals. */
public final class Heartbeat {
    private static final int SILENT_INTERVALS = 3;
    private static final Duration SHORTEST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Wire wire;
    private final ControlChannel channel;
    private final Duration interval;
    private final Timing timing;
    private final Consumer<Duration> onRoundTrip;

    private final Object lock = new Object();
    private @Nullable ScheduledFuture<?> beats; // guarded by lock
    private long nonce; // of the last ping; guarded by lock
    private long sentAt; // when that was sent; guarded by lock
    private boolean answered = true; // whether that was answered; guarded by lock
    private @Nullable ScheduledFuture<?>
            limit; // when the silence is too long, if that is before the next beat; guarded by lock

    /**
     * One that does not beat yet.
     *
     * @param interval as a peer may wish for it: kept between 10 ms and 10 min
     * @param onRoundTrip told how long a ping took, on the thread that brought the answer
     */
    public Heartbeat(
            Wire wire, ControlChannel channel, Duration interval, Timing timing, Consumer<Duration> onRoundTrip) {
        this.wire = wire;
        this.channel = channel;
        this.interval = bounded(interval);
        this.timing = timing;
        this.onRoundTrip = onRoundTrip;
    }

    private static Duration bounded(Duration wanted) {
        Duration atLeast = wanted.compareTo(SHORTEST) < 0 ? SHORTEST : wanted;
        return atLeast.compareTo(LONGEST) > 0 ? LONGEST : atLeast;
    }

    /** Beats from now on, once an interval. Once; {@link #answered} must be told of answers by then. */
    public void start() {
        ScheduledFuture<?> started = timing.every(interval, this::beat);
        synchronized (lock) {
            beats = started;
        }
    }

    /** Stops. */
    public void stop() {
        synchronized (lock) {
            if (beats != null) {
                beats.cancel(false);
            }
            if (limit != null) {
                limit.cancel(false);
            }
        }
    }

    /** The peer answered a ping. What does not answer the last one is ignored: a peer may send anything. */
    public void answered(long to) {
        long took;
        synchronized (lock) {
            if (answered || to != nonce) {
                return;
            }
            answered = true;
            took = timing.now() - sentAt;
        }
        onRoundTrip.accept(Duration.ofNanos(Math.max(0, took)));
    }

    /** Pings now, unless the peer has been silent for too long. */
    public void beat() {
        if (wire.isOver() || isTooSilent()) {
            return;
        }
        channel.send(nextPing());
        long left = SILENT_INTERVALS * interval.toNanos() - silence();
        if (left < interval.toNanos()) {
            synchronized (lock) {
                limit = timing.after(Duration.ofNanos(Math.max(0, left)), this::isTooSilent);
            }
        }
    }

    private long silence() {
        return timing.now() - wire.heardAt();
    }

    /** Cuts the wire if the peer has been silent for too long. */
    private boolean isTooSilent() {
        long silence = silence();
        boolean tooLong = silence >= SILENT_INTERVALS * interval.toNanos();
        if (tooLong && !wire.isOver()) {
            wire.cut(
                    "Nothing came on the control channel for "
                            + Duration.ofNanos(silence).toMillis() + " ms.",
                    TunnelError.LINK_LOST);
        }
        return tooLong;
    }

    private Ping nextPing() {
        synchronized (lock) {
            sentAt = timing.now();
            answered = false;
            return new Ping(++nonce);
        }
    }
}
