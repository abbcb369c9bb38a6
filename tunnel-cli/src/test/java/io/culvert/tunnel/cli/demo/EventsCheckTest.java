package io.culvert.tunnel.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EventsCheckTest {
    @Test
    void oneLateEventIsNoSignOfAWayThatCollectsThem() {
        assertThat(EventsCheck.median(List.of(1_900L, 100L, 1_000L))).isEqualTo(1_000);
    }

    @Test
    void eventsThatComeTwoByTwoAre() {
        assertThat(EventsCheck.median(List.of(0L, 2_000L, 0L))).isZero();
    }
}
