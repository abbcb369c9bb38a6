package io.culvert.tunnel.micrometer;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One role's meters, made when they are first used: a process that has only the other role does not show them. */
final class RoleMeters {
    private final Meters meters;
    private final String role;
    private final Map<String, StreamMeters> http = new ConcurrentHashMap<>(); // by transport
    private final Map<String, StreamMeters> upgrades = new ConcurrentHashMap<>(); // by transport
    private @Nullable AtomicLong tunnels; // guarded by this
    private @Nullable AtomicLong queued; // guarded by this
    private @Nullable Timer roundTrips; // guarded by this

    RoleMeters(Meters meters, Role role) {
        this.meters = meters;
        this.role = role.name().toLowerCase(Locale.ROOT);
    }

    StreamMeters of(StreamInfo stream) {
        Map<String, StreamMeters> known = stream.kind() == StreamKind.HTTP ? http : upgrades;
        StreamMeters present = known.get(stream.transport());
        return present != null
                ? present
                : known.computeIfAbsent(stream.transport(), t -> StreamMeters.of(meters, stream));
    }

    Counter failed(String transport, TunnelError error) {
        return meters.counter(
                "tunnel.streams.failed",
                "Data streams that could not be opened",
                null,
                "role",
                role,
                "transport",
                transport,
                "error",
                error.code());
    }

    synchronized AtomicLong tunnels() {
        if (tunnels == null) {
            tunnels = meters.gauge("tunnel.tunnels", "Tunnels exposed now", null, "role", role);
        }
        return tunnels;
    }

    synchronized AtomicLong queued() {
        if (queued == null) {
            queued = meters.gauge(
                    "tunnel.send.queued", "Messages that wait for a control channel", "bytes", "role", role);
        }
        return queued;
    }

    synchronized Timer roundTrips() {
        if (roundTrips == null) {
            roundTrips = meters.timer("tunnel.link.rtt", "Round trips of pings on control channels", "role", role);
        }
        return roundTrips;
    }
}
