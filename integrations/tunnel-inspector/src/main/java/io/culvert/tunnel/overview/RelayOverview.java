package io.culvert.tunnel.overview;

import io.culvert.tunnel.AdminOptions;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelMetrics;
import io.culvert.tunnel.TunnelRelay;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A relay's overview page: tunnels, agents, streams, rates and errors by code, plotted over the last minutes. It takes part in the relay's
 * measurements and stands on its admin port, whose door guards it:
 *
 * <pre>{@code
 * try (RelayOverview overview = RelayOverview.start(TunnelMetrics.NOOP);
 *         TunnelRelay relay = TunnelRelay.builder()
 *                 .metrics(overview.metrics())
 *                 .admin(admin -> overview.addTo(admin.port(9090)))
 *                 .start()) {
 *     overview.show(relay);
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread. One daemon thread takes a sample every two seconds until {@link #close}.
 */
public final class RelayOverview implements AutoCloseable {
    /** How far apart samples are. */
    static final Duration PERIOD = Duration.ofSeconds(2);

    private final TunnelMetrics next;
    private final Figures figures = new Figures();
    private final ScheduledExecutorService sampler;
    private volatile @Nullable TunnelRelay relay;

    private RelayOverview(TunnelMetrics next) {
        this.next = next;
        this.sampler = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "culvert-overview");
            thread.setDaemon(true);
            return thread;
        });
        sampler.scheduleAtFixedRate(this::sample, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * An overview that takes samples from now on.
     *
     * @param next is told each measurement, too; {@link TunnelMetrics#NOOP} for nobody
     */
    public static RelayOverview start(TunnelMetrics next) {
        return new RelayOverview(Objects.requireNonNull(next, "next"));
    }

    /** What the relay is to report to. */
    public TunnelMetrics metrics() {
        return new Measurements(figures, next);
    }

    /** Adds the page and what it needs. It is at the admin port's root. */
    public void addTo(AdminOptions.Builder admin) {
        admin.page("/", "text/html; charset=utf-8", () -> resource("overview.html"))
                .page("/overview.css", "text/css; charset=utf-8", () -> resource("overview.css"))
                .page("/overview.js", "text/javascript; charset=utf-8", () -> resource("overview.js"))
                .page("/overview.json", "application/json", this::json);
    }

    /** The relay to show. Until then there are no tunnels on the page. */
    public void show(TunnelRelay shown) {
        relay = shown;
    }

    private void sample() {
        TunnelRelay shown = relay;
        figures.sample(shown == null ? java.util.Set.of() : shown.tunnels().keySet());
    }

    private String json() {
        TunnelRelay shown = relay;
        return OverviewJson.of(figures, shown == null ? java.util.Map.of() : shown.tunnels(), PERIOD);
    }

    private static String resource(String name) {
        try (InputStream in = RelayOverview.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** Takes no more samples. Idempotent. */
    @Override
    public void close() {
        sampler.shutdownNow();
    }

    /** Counts a relay's measurements, and passes all of them on. */
    private record Measurements(Figures figures, TunnelMetrics next) implements TunnelMetrics {
        @Override
        public void streamOpened(StreamInfo stream, long nanos) {
            if (stream.role() == Role.RELAY) {
                figures.streams(stream, 1);
            }
            next.streamOpened(stream, nanos);
        }

        @Override
        public void bytes(StreamInfo stream, Direction direction, long count) {
            if (stream.role() == Role.RELAY) {
                figures.bytes(stream, direction, count);
            }
            next.bytes(stream, direction, count);
        }

        @Override
        public void streamClosed(StreamInfo stream, boolean orderly) {
            if (stream.role() == Role.RELAY) {
                figures.streams(stream, -1);
            }
            next.streamClosed(stream, orderly);
        }

        @Override
        public void streamFailed(StreamInfo stream, TunnelError error) {
            next.streamFailed(stream, error);
        }

        @Override
        public void sessions(int delta) {
            figures.agents(delta);
            next.sessions(delta);
        }

        @Override
        public void tunnels(Role role, int delta) {
            next.tunnels(role, delta);
        }

        @Override
        public void reconnecting(TunnelError reason) {
            next.reconnecting(reason);
        }

        @Override
        public void roundTrip(Role role, Duration time) {
            next.roundTrip(role, time);
        }

        @Override
        public void sendQueued(Role role, long delta) {
            next.sendQueued(role, delta);
        }

        @Override
        public void requestCompleted(StreamInfo request, int status, Duration time) {
            figures.request(request, status);
            next.requestCompleted(request, status, time);
        }

        @Override
        public void limitReached(Limit limit) {
            next.limitReached(limit);
        }

        @Override
        public void visitorRefused(TunnelError error) {
            figures.error(error);
            next.visitorRefused(error);
        }
    }
}
