package io.culvert.tunnel.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.cli.TestShell;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {
    private final TestShell shell = new TestShell();

    @Test
    void sharesOfSamplesAreOfTheSortedOnes() {
        Samples samples = new Samples();
        assertThat(samples.millis(0.5)).isZero();
        for (int i = 2_000; i > 0; i--) {
            samples.add(i * 1_000_000L);
        }
        assertThat(samples.millis(0.5)).isEqualTo(1_000);
        assertThat(samples.millis(0.99)).isEqualTo(1_980);
        assertThat(samples.millis(1)).isEqualTo(2_000);
        Samples more = new Samples();
        more.addAll(samples);
        assertThat(more.count()).isEqualTo(2_000);
        assertThat(Samples.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(Samples.median(List.of())).isZero();
    }

    @Test
    void theTableHasALineForEachWay() {
        assertThat(Result.table(List.of(new Result("tcp", 12_345.6, 0.5, 120, 0.081, 9.99, 5e8, 1e6))))
                .hasSize(3)
                .last()
                .asString()
                .matches("tcp +12,346 +0.50 ms +120 ms +0.08 ms +9.99 ms +477 MiB/s +977 KiB/s");
    }

    @Test
    void measuresThroughARelay() throws Exception {
        try (TunnelRelay relay = TunnelRelay.builder().start()) {
            assertThat(shell.run(
                            "bench", "--relay", relay.uri().toString(), "--rounds", "1", "--json", "-t", "control"))
                    .as(shell::err)
                    .isZero();
            assertThat(relay.tunnels()).isEmpty();
        }
        JsonNode answer = JsonMapper.builder().build().readTree(shell.out());
        JsonNode result = answer.at("/results/0");
        assertThat(answer.at("/results").size()).isEqualTo(1);
        assertThat(result.at("/way").asText()).isEqualTo("control");
        for (String figure :
                List.of("requests_per_s", "request_p99_ms", "echo_p50_ms", "down_bytes_per_s", "up_bytes_per_s")) {
            assertThat(result.at("/" + figure).asDouble()).as(figure).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds 0", "--relay nonsense"})
    void wrongUsageIsTold(String options) {
        assertThat(shell.run(("bench " + options).split(" "))).isEqualTo(2);
    }

    @Test
    void aTransportThatTheRelayDoesNotHaveIsARefusal() {
        try (TunnelRelay relay = TunnelRelay.builder().transports("control").start()) {
            assertThat(shell.run("bench", "--relay", relay.uri().toString(), "-t", "tcp"))
                    .isEqualTo(3);
        }
    }
}
