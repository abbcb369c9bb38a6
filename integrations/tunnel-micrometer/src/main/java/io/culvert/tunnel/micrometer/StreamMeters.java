package io.culvert.tunnel.micrometer;

import io.culvert.tunnel.StreamInfo;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of streams of one role, transport and kind. Kinds share the meters that have no tag for it. */
record StreamMeters(AtomicLong active, Timer opening, Counter up, Counter down, Counter reset) {
    static StreamMeters of(Meters meters, StreamInfo stream) {
        String role = stream.role().name().toLowerCase(Locale.ROOT);
        String transport = stream.transport();
        String kind = stream.kind().name().toLowerCase(Locale.ROOT);
        String[] all = {"role", role, "transport", transport, "kind", kind};
        return new StreamMeters(
                meters.gauge("tunnel.streams.active", "Data streams open now", null, all),
                meters.timer("tunnel.streams.opening", "From the wish for a data stream until it stood", all),
                bytes(meters, role, transport, "up"),
                bytes(meters, role, transport, "down"),
                meters.counter(
                        "tunnel.streams.reset",
                        "Data streams that did not end in order",
                        null,
                        "role",
                        role,
                        "transport",
                        transport));
    }

    private static Counter bytes(Meters meters, String role, String transport, String direction) {
        return meters.counter(
                "tunnel.bytes",
                "Bytes through data streams",
                "bytes",
                "role",
                role,
                "transport",
                transport,
                "direction",
                direction);
    }
}
