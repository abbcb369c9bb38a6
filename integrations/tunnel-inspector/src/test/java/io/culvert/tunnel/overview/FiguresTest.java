package io.culvert.tunnel.overview;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private final Figures figures = new Figures();

    private static StreamInfo of(String tunnel) {
        return new StreamInfo(Role.RELAY, tunnel, "tcp", StreamKind.HTTP);
    }

    @Test
    void aSampleHasWhatHappenedSinceTheLast() {
        figures.streams(of("shop"), 1);
        figures.request(of("shop"), 200);
        figures.request(of("shop"), 0);
        figures.bytes(of("shop"), Direction.UP, 10);
        figures.bytes(of("shop"), Direction.DOWN, 100);
        figures.error(TunnelError.UNKNOWN_TUNNEL);
        figures.sample(Set.of("shop"));
        figures.request(of("shop"), 503);
        figures.streams(of("shop"), -1);
        figures.sample(Set.of("shop"));
        assertThat(figures.samples())
                .containsExactly(new Figures.Sample(2, 10, 100, 1, 1), new Figures.Sample(1, 0, 0, 0, 0));
        assertThat(figures.requestsOf(2)).isEqualTo(1);
        assertThat(figures.requestsOf(0)).isEqualTo(1);
        assertThat(figures.requestsOf(5)).isEqualTo(1);
        assertThat(figures.errors()).isEqualTo(Map.of(TunnelError.UNKNOWN_TUNNEL, 1L));
        assertThat(figures.tunnel("shop").requests.sum()).isEqualTo(3);
    }

    @Test
    void onlyTheLastMinutesAreKept() {
        for (int i = 0; i < Figures.SAMPLES + 10; i++) {
            figures.request(of("shop"), 200);
            figures.sample(Set.of());
        }
        assertThat(figures.samples()).hasSize(Figures.SAMPLES).allMatch(sample -> sample.requests() == 1);
    }

    @Test
    void tunnelsThatAreGoneAreForgottenAndTheirNumberIsBounded() {
        for (int i = 0; i < Figures.MAX_TUNNELS + 10; i++) {
            figures.request(of("t" + i), 200);
        }
        assertThat(figures.tunnelsKept()).isEqualTo(Figures.MAX_TUNNELS);
        figures.streams(of("t1"), 1);
        figures.sample(Set.of("t0"));
        assertThat(figures.tunnelsKept()).isEqualTo(2); // one stands, one has a stream
        figures.streams(of("t1"), -1);
        figures.sample(Set.of("t0"));
        assertThat(figures.tunnelsKept()).isEqualTo(1);
    }
}
