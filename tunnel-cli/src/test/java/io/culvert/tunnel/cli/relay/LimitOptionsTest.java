package io.culvert.tunnel.cli.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Rate;
import io.culvert.tunnel.RelayLimits;
import io.culvert.tunnel.TunnelRelay;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LimitOptionsTest {
    private static RelayLimits limits(String... arguments) {
        LimitOptions given = CommandLine.populateCommand(new LimitOptions(), arguments);
        return TunnelRelay.builder().limits(given::applyTo).options().limits();
    }

    @Test
    void eachSetsItsOwnLimit() {
        RelayLimits limits = limits(
                "--max-connections=101",
                "--max-connections-per-address=102",
                "--max-agents=103",
                "--max-agents-per-token=104",
                "--max-queued=200K",
                "--max-queued-per-agent=100K",
                "--max-tunnels-per-agent=105",
                "--max-streams-per-tunnel=106",
                "--max-rate-per-tunnel=107/s",
                "--max-body=108");
        assertThat(limits.connections()).isEqualTo(101);
        assertThat(limits.connectionsPerAddress()).isEqualTo(102);
        assertThat(limits.sessions()).isEqualTo(103);
        assertThat(limits.sessionsPerOwner()).isEqualTo(104);
        assertThat(limits.queuedBytes()).isEqualTo(2 * limits.queuedBytesPerSession());
        assertThat(limits.tunnelsPerAgent()).isEqualTo(105);
        assertThat(limits.streamsPerTunnel()).isEqualTo(106);
        assertThat(limits.requestsPerTunnel()).contains(new Rate(107, Duration.ofSeconds(1)));
        assertThat(limits.bodyBytes()).hasValue(108);
    }

    @Test
    void whatIsNotGivenKeepsItsDefault() {
        RelayLimits defaults = TunnelRelay.builder().options().limits();
        assertThat(limits()).usingRecursiveComparison().isEqualTo(defaults);
    }
}
