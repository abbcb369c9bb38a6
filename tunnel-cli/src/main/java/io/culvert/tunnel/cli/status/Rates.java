package io.culvert.tunnel.cli.status;

import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.TunnelStats;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Makes rows with the rates of the last seconds. For one thread at a time. */
public final class Rates {
    private final Map<String, Rate> up = new HashMap<>();
    private final Map<String, Rate> down = new HashMap<>();

    /** A row for what a tunnel is now, as the others before it. */
    public Picture.Row row(
            TunnelState state,
            String url,
            String service,
            String transport,
            Optional<Duration> roundTrip,
            TunnelStats stats,
            long nanoTime) {
        double upRate =
                up.computeIfAbsent(url, key -> new Rate()).at(nanoTime, stats.httpBytesUp() + stats.upgradeBytesUp());
        double downRate = down.computeIfAbsent(url, key -> new Rate())
                .at(nanoTime, stats.httpBytesDown() + stats.upgradeBytesDown());
        return new Picture.Row(state, url, service, transport, roundTrip, stats, upRate, downRate);
    }
}
