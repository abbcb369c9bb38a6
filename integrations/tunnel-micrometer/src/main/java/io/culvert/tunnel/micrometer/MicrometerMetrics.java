package io.culvert.tunnel.micrometer;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measurements of relays and agents as meters. One instance serves any number of both; make one for each registry, as two would fight over
 * the gauges.
 *
 * <p>No meter has a tag for hosts, names of tunnels or visitors, as there is no bound to how many of those there are: tags are {@code role}
 * (relay, agent), {@code transport}, {@code kind} (http, upgrade), {@code direction} (up, down), {@code status} ({@code 2xx}, or
 * {@code none} where the visitor had no whole answer), {@code error} and {@code reason} (codes of {@link TunnelError}).
 *
 * <table>
 * <caption>The meters</caption>
 * <tr><th>name</th><th>type</th><th>tags</th><th>what</th></tr>
 * <tr><td>{@code tunnel.agents}</td><td>gauge</td><td></td><td>sessions at relays, those that may come back included</td></tr>
 * <tr><td>{@code tunnel.tunnels}</td><td>gauge</td><td>role</td><td>tunnels exposed</td></tr>
 * <tr><td>{@code tunnel.streams.active}</td><td>gauge</td><td>role, transport, kind</td><td>data streams open</td></tr>
 * <tr><td>{@code tunnel.streams.opening}</td><td>timer</td><td>role, transport, kind</td><td>from the wish for a stream until it
 * stood</td></tr>
 * <tr><td>{@code tunnel.streams.failed}</td><td>counter</td><td>role, transport, error</td><td>streams that could not open</td></tr>
 * <tr><td>{@code tunnel.streams.reset}</td><td>counter</td><td>role, transport</td><td>streams that did not end in order</td></tr>
 * <tr><td>{@code tunnel.bytes}</td><td>counter</td><td>role, transport, direction</td><td>bytes through streams</td></tr>
 * <tr><td>{@code tunnel.requests}</td><td>timer</td><td>transport, status</td><td>visitors' requests that a tunnel took</td></tr>
 * <tr><td>{@code tunnel.requests.unrouted}</td><td>counter</td><td></td><td>requests that no tunnel was found for</td></tr>
 * <tr><td>{@code tunnel.requests.refused}</td><td>counter</td><td>error</td><td>answers of the relay's own, those included</td></tr>
 * <tr><td>{@code tunnel.limits.reached}</td><td>counter</td><td>limit</td><td>times that a limit of the relay or of a tunnel bit</td></tr>
 * <tr><td>{@code tunnel.reconnects}</td><td>counter</td><td>reason</td><td>losses of an agent's control channel</td></tr>
 * <tr><td>{@code tunnel.link.rtt}</td><td>timer</td><td>role</td><td>round trips of pings</td></tr>
 * <tr><td>{@code tunnel.send.queued}</td><td>gauge</td><td>role</td><td>bytes of messages that wait for a control channel</td></tr>
 * </table>
 */
public final class MicrometerMetrics implements TunnelMetrics {
    private final Meters meters;
    private final AtomicLong agents;
    private final Counter unrouted;
    private final Map<Role, RoleMeters> roles = new EnumMap<>(Role.class); // complete after construction
    private final Map<TunnelError, Counter> refused = new ConcurrentHashMap<>();
    private final Map<Limit, Counter> limits = new ConcurrentHashMap<>();
    private final Map<TunnelError, Counter> reconnects = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Timer>> requests = new ConcurrentHashMap<>(); // by transport, by status class

    /** Meters in that registry. */
    public MicrometerMetrics(MeterRegistry registry) {
        this(registry, List.of());
    }

    /**
     * Meters with tags of one's own.
     *
     * @param tags on every meter
     */
    public MicrometerMetrics(MeterRegistry registry, Iterable<Tag> tags) {
        meters = new Meters(registry, Tags.of(tags));
        agents = meters.gauge("tunnel.agents", "Sessions of agents at the relay", null);
        unrouted = meters.counter("tunnel.requests.unrouted", "Requests that no tunnel was found for", null);
        for (Role role : Role.values()) {
            roles.put(role, new RoleMeters(meters, role));
        }
    }

    @Override
    public void streamOpened(StreamInfo stream, long nanos) {
        StreamMeters of = of(stream);
        of.active().incrementAndGet();
        of.opening().record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void bytes(StreamInfo stream, Direction direction, long count) {
        StreamMeters of = of(stream);
        (direction == Direction.UP ? of.up() : of.down()).increment(count);
    }

    @Override
    public void streamClosed(StreamInfo stream, boolean orderly) {
        StreamMeters of = of(stream);
        of.active().decrementAndGet();
        if (!orderly) {
            of.reset().increment();
        }
    }

    @Override
    public void streamFailed(StreamInfo stream, TunnelError error) {
        roles.get(stream.role()).failed(stream.transport(), error).increment();
    }

    @Override
    public void sessions(int delta) {
        agents.addAndGet(delta);
    }

    @Override
    public void tunnels(Role role, int delta) {
        roles.get(role).tunnels().addAndGet(delta);
    }

    @Override
    public void reconnecting(TunnelError reason) {
        reconnects
                .computeIfAbsent(
                        reason,
                        r -> meters.counter(
                                "tunnel.reconnects", "Losses of an agent's control channel", null, "reason", r.code()))
                .increment();
    }

    @Override
    public void roundTrip(Role role, Duration time) {
        roles.get(role).roundTrips().record(time);
    }

    @Override
    public void sendQueued(Role role, long delta) {
        roles.get(role).queued().addAndGet(delta);
    }

    @Override
    public void requestCompleted(StreamInfo request, int status, Duration time) {
        String transport = request.transport().isEmpty() ? "none" : request.transport();
        requests.computeIfAbsent(transport, t -> new ConcurrentHashMap<>())
                .computeIfAbsent(
                        status == 0 ? "none" : status / 100 + "xx",
                        c -> meters.timer(
                                "tunnel.requests",
                                "Visitors' requests that a tunnel took",
                                "transport",
                                transport,
                                "status",
                                c))
                .record(time);
    }

    @Override
    public void visitorRefused(TunnelError error) {
        if (error == TunnelError.UNKNOWN_TUNNEL) {
            unrouted.increment();
        }
        refused.computeIfAbsent(
                        error,
                        e -> meters.counter(
                                "tunnel.requests.refused",
                                "Answers that the relay gave itself",
                                null,
                                "error",
                                e.code()))
                .increment();
    }

    @Override
    public void limitReached(Limit limit) {
        limits.computeIfAbsent(
                        limit,
                        l -> meters.counter(
                                "tunnel.limits.reached",
                                "Times that a relay refused or ended something because a limit was reached",
                                null,
                                "limit",
                                l.code()))
                .increment();
    }

    private StreamMeters of(StreamInfo stream) {
        return roles.get(stream.role()).of(stream);
    }
}
