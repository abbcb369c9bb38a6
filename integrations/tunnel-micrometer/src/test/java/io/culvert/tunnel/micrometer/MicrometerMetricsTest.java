package io.culvert.tunnel.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MicrometerMetricsTest {
    private static final StreamInfo STREAM = new StreamInfo(Role.RELAY, "secret-name", "tcp", StreamKind.HTTP);
    private static final StreamInfo UPGRADE = new StreamInfo(Role.RELAY, "other-name", "tcp", StreamKind.UPGRADE);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerMetrics metrics = new MicrometerMetrics(registry);

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Test
    void streamsAreCountedFromTheirOpeningToTheirEnd() {
        metrics.streamOpened(STREAM, 5_000_000);
        metrics.streamOpened(STREAM, 7_000_000);
        metrics.streamOpened(UPGRADE, 1_000_000);
        metrics.bytes(STREAM, Direction.UP, 10);
        metrics.bytes(UPGRADE, Direction.UP, 1);
        metrics.bytes(STREAM, Direction.DOWN, 100);
        metrics.streamClosed(STREAM, false);
        metrics.streamClosed(UPGRADE, true);
        metrics.streamFailed(STREAM, TunnelError.LOCAL_REFUSED);
        metrics.streamFailed(STREAM, TunnelError.LOCAL_REFUSED);

        String[] http = {"role", "relay", "transport", "tcp", "kind", "http"};
        assertThat(gauge("tunnel.streams.active", http)).isEqualTo(1);
        assertThat(gauge("tunnel.streams.active", "kind", "upgrade")).isZero();
        assertThat(registry.get("tunnel.streams.opening").tags(http).timer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(12);
        assertThat(count("tunnel.bytes", "direction", "up", "role", "relay")).isEqualTo(11);
        assertThat(count("tunnel.bytes", "direction", "down")).isEqualTo(100);
        assertThat(count("tunnel.streams.reset", "transport", "tcp")).isEqualTo(1);
        assertThat(count("tunnel.streams.failed", "error", "local-refused")).isEqualTo(2);
    }

    @Test
    void requestsAreTimedByTransportAndStatusClass() {
        metrics.requestCompleted(STREAM, 200, Duration.ofMillis(3));
        metrics.requestCompleted(STREAM, 204, Duration.ofMillis(4));
        metrics.requestCompleted(STREAM, 502, Duration.ofMillis(1));
        metrics.requestCompleted(STREAM, 0, Duration.ofMillis(1));
        metrics.requestCompleted(new StreamInfo(Role.RELAY, "away", "", StreamKind.HTTP), 503, Duration.ZERO);
        assertThat(registry.get("tunnel.requests")
                        .tags("transport", "tcp", "status", "2xx")
                        .timer()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("tunnel.requests")
                        .tags("status", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("tunnel.requests")
                        .tags("transport", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
        metrics.visitorRefused(TunnelError.UNKNOWN_TUNNEL);
        metrics.visitorRefused(TunnelError.BAD_REQUEST);
        assertThat(count("tunnel.requests.unrouted")).isEqualTo(1);
        assertThat(count("tunnel.requests.refused", "error", "bad-request")).isEqualTo(1);
        metrics.limitReached(Limit.BODY_BYTES);
        metrics.limitReached(Limit.BODY_BYTES);
        assertThat(count("tunnel.limits.reached", "limit", "body-bytes")).isEqualTo(2);
    }

    @Test
    void linksAreMeasuredOnBothSides() {
        metrics.sessions(1);
        metrics.sessions(1);
        metrics.sessions(-1);
        metrics.tunnels(Role.AGENT, 2);
        metrics.reconnecting(TunnelError.LINK_LOST);
        metrics.roundTrip(Role.AGENT, Duration.ofMillis(20));
        metrics.sendQueued(Role.RELAY, 300);
        metrics.sendQueued(Role.RELAY, -100);
        assertThat(gauge("tunnel.agents")).isEqualTo(1);
        assertThat(gauge("tunnel.tunnels", "role", "agent")).isEqualTo(2);
        assertThat(count("tunnel.reconnects", "reason", "link-lost")).isEqualTo(1);
        assertThat(registry.get("tunnel.link.rtt").tags("role", "agent").timer().max(TimeUnit.MILLISECONDS))
                .isEqualTo(20);
        assertThat(gauge("tunnel.send.queued", "role", "relay")).isEqualTo(200);
    }

    @Test
    void noTagNamesATunnelAndTagsOfOnesOwnAreOnAll() {
        SimpleMeterRegistry other = new SimpleMeterRegistry();
        MicrometerMetrics tagged = new MicrometerMetrics(other, Tags.of("region", "eu"));
        tagged.streamOpened(STREAM, 1);
        tagged.streamFailed(STREAM, TunnelError.RESET);
        tagged.requestCompleted(STREAM, 200, Duration.ZERO);
        tagged.roundTrip(Role.RELAY, Duration.ZERO);
        Set<String> values = other.getMeters().stream()
                .map(Meter::getId)
                .flatMap(id -> id.getTags().stream())
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .collect(Collectors.toSet());
        assertThat(values).noneMatch(value -> value.contains("secret-name"));
        assertThat(other.getMeters())
                .allMatch(meter -> "eu".equals(meter.getId().getTag("region")));
    }
}
