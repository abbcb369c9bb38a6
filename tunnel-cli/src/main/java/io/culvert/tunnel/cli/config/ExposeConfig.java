package io.culvert.tunnel.cli.config;

import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.cli.options.RelaySettings;
import java.util.List;
import java.util.Optional;

/**
 * What a configuration file asks for.
 *
 * @param relay how to reach the relay
 * @param drainSeconds how long open connections may take to finish
 * @param tunnels at least one
 */
public record ExposeConfig(RelaySettings relay, Optional<Integer> drainSeconds, List<Entry> tunnels) {
    /**
     * One tunnel.
     *
     * @param spec what it is
     * @param transports what it should use; empty for what all use
     */
    public record Entry(TunnelSpec spec, List<String> transports) {}
}
