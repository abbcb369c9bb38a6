package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelMetrics;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands measurements to the application's metrics; what those throw is logged, the first one as a warning, and goes no further. */
public final class SafeMetrics implements TunnelMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(SafeMetrics.class);

    private final TunnelMetrics metrics;
    private final AtomicBoolean warned = new AtomicBoolean();

    /** Contains what the given metrics throw. */
    public SafeMetrics(TunnelMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void streamOpened(StreamInfo stream, long nanos) {
        tell(m -> m.streamOpened(stream, nanos));
    }

    @Override
    public void bytes(StreamInfo stream, Direction direction, long count) {
        if (isOn()) {
            tell(m -> m.bytes(stream, direction, count));
        }
    }

    @Override
    public void streamClosed(StreamInfo stream, boolean orderly) {
        tell(m -> m.streamClosed(stream, orderly));
    }

    @Override
    public void streamFailed(StreamInfo stream, TunnelError error) {
        tell(m -> m.streamFailed(stream, error));
    }

    @Override
    public void sessions(int delta) {
        tell(m -> m.sessions(delta));
    }

    @Override
    public void tunnels(Role role, int delta) {
        tell(m -> m.tunnels(role, delta));
    }

    @Override
    public void reconnecting(TunnelError reason) {
        tell(m -> m.reconnecting(reason));
    }

    /** Whether anyone takes measurements: what costs something to find out is not measured else. */
    public boolean isOn() {
        return metrics != NOOP;
    }

    @Override
    public void roundTrip(Role role, Duration time) {
        tell(m -> m.roundTrip(role, time));
    }

    @Override
    public void sendQueued(Role role, long delta) {
        if (isOn()) {
            tell(m -> m.sendQueued(role, delta));
        }
    }

    @Override
    public void requestCompleted(StreamInfo request, int status, Duration time) {
        tell(m -> m.requestCompleted(request, status, time));
    }

    @Override
    public void visitorRefused(TunnelError error) {
        tell(m -> m.visitorRefused(error));
    }

    @Override
    public void limitReached(Limit limit) {
        tell(m -> m.limitReached(limit));
    }

    private void tell(Consumer<TunnelMetrics> measurement) {
        try {
            measurement.accept(metrics);
        } catch (RuntimeException | LinkageError | AssertionError x) {
            String name = metrics.getClass().getName();
            if (warned.compareAndSet(false, true)) {
                LOG.warn("{} failed to take a measurement; later failures are logged at debug level", name, x);
            } else {
                LOG.debug("{} failed to take a measurement", name, x);
            }
        }
    }
}
