package io.culvert.tunnel.spring;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelState;
import java.util.Optional;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Up while visitors reach the application, down if it cannot be exposed for good, else unknown: a link that dials again is no reason to
 * restart the application.
 */
final class TunnelHealthIndicator extends AbstractHealthIndicator {
    private final ApplicationTunnel application;

    TunnelHealthIndicator(ApplicationTunnel application) {
        super("The tunnel's health could not be told");
        this.application = application;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        Optional<Tunnel> tunnel = application.tunnel();
        TunnelState state = tunnel.map(Tunnel::state).orElse(TunnelState.CONNECTING);
        if (application.failure().isPresent() || state == TunnelState.CLOSED) {
            health.down();
        } else if (state == TunnelState.OPEN) {
            health.up();
        } else {
            health.unknown();
        }
        health.withDetail("state", state.name().toLowerCase(java.util.Locale.ROOT));
        tunnel.ifPresent(open ->
                health.withDetail("url", open.publicUrl().toString()).withDetail("transport", open.transport()));
        application.failure().ifPresent(failure -> health.withDetail(
                        "error", failure.error().code())
                .withDetail("message", failure.getMessage()));
    }
}
