package io.culvert.tunnel.core.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void waitsAreRandomAndDoubleUpToACap() {
        Backoff backoff = new Backoff(new Random(7));
        Duration longest = Backoff.BASE;
        for (int i = 0; i < 20; i++) {
            assertThat(backoff.next()).isBetween(Duration.ZERO, longest);
            longest = longest.multipliedBy(2).compareTo(Backoff.CAP) < 0 ? longest.multipliedBy(2) : Backoff.CAP;
        }
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(Backoff.BASE);
    }
}
