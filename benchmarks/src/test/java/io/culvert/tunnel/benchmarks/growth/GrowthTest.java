package io.culvert.tunnel.benchmarks.growth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.benchmarks.MachineFacts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrowthTest {
    @ParameterizedTest
    @EnumSource(Curve.class)
    void everyPointHasWorkToCount(Curve curve) throws Exception {
        try (Origin origin = new Origin();
                Loop visitors = new Loop("visitors");
                Way way = new Way(Way.DIRECT, origin.port())) {
            Meter meter = new Meter(visitors, origin, way, Way.DIRECT);
            for (int at : curve.points) {
                Sample sample = meter.measure(curve, at, 0, 20);

                assertThat(sample.rate()).isPositive();
                assertThat(sample.median() > 0).isEqualTo(curve.timed);
                assertThat(sample.cpu()).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"control", "tcp"})
    void relayAndAgentAreProcessesWhoseTimeCounts(String transport) throws Exception {
        try (Origin origin = new Origin();
                Loop visitors = new Loop("visitors");
                Way way = new Way(transport, origin.port())) {
            Meter meter = new Meter(visitors, origin, way, transport);
            assertThat(way.cpu()).isPositive();

            assertThat(meter.measure(Curve.TUNNELS, 10, 0, 20).rate()).isPositive();
            assertThat(meter.measure(Curve.CONNECTIONS, 1, 0, 20).rate()).isPositive();
        }
    }

    @Test
    void aVisitorWhoFailsFailsItsPoint() throws Exception {
        try (Origin origin = new Origin();
                Loop visitors = new Loop("visitors")) {
            Crowd crowd = new Crowd(
                    visitors,
                    new InetSocketAddress("127.0.0.1", origin.port()),
                    3,
                    (c, channel, number) ->
                            new LoadVisitor.Echoing(c, channel, "test", number == 2 ? 9 : 8, Frames.message(8, true)));

            assertThatThrownBy(crowd::open)
                    .hasRootCauseInstanceOf(IOException.class)
                    .hasRootCauseMessage("Sent 9 bytes, 8 come back.");
        }
    }

    @Test
    void theMedianOfTheRoundsIsShownWithWhatCostGrewTo() {
        List<Sample> samples = new ArrayList<>();
        for (double cpu : new double[] {80, 20, 21}) {
            samples.add(new Sample(Curve.CONNECTIONS, 1, "tcp", 9000, 100, 200, cpu));
            samples.add(new Sample(Curve.CONNECTIONS, 1000, "tcp", 30000, 100, 200, 2 * cpu));
        }

        String section = Growth.section(new Growth.Kept(MachineFacts.now(), Pace.STANDARD, samples));

        assertThat(section)
                .contains("echoes/s | 1,000 | – | – | – | – | – | 30,000 | 100 / 200 | 42.0 (2.0) |")
                .contains("echoes/s | 1 | – | – | – | – | – | 9,000 | 100 / 200 | 21.0 (1.0) |");
        assertThat(Growth.withoutSection("# Results\n" + section)).isEqualTo("# Results\n");
    }

    @Test
    void aPictureHasALineForEachWayAndFigure() {
        List<Sample> samples = new ArrayList<>();
        for (String way : Growth.WAYS) {
            for (int at : Curve.ECHO_SIZE.points) {
                samples.add(new Sample(Curve.ECHO_SIZE, at, way, at * 2.0, 100 + at / 10.0, 200 + at, 3));
            }
        }

        assertThat(new GrowthChart(samples).svg())
                .startsWith("<svg ")
                .contains(">1Mi<", ">256Ki<", "<polyline class=\"tcp\"", "<polyline class=\"direct\"")
                .doesNotContain("NaN", "Infinity");
    }
}
