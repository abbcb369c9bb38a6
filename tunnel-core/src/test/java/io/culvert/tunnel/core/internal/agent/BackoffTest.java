package io.culvert.tunnel.core.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
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

    /** Agents that lost their relay at the same instant, over an outage of a minute. */
    @Test
    void aThousandAgentsDoNotStampede() {
        int agents = 1000;
        long outage = Duration.ofMinutes(1).toMillis();
        int[] firstDials = new int[10]; // in tenths of the shortest backoff
        int[] returns = new int[60]; // in quarters of a second after the relay is back
        Random seeds = new Random(42);
        for (int i = 0; i < agents; i++) {
            Backoff backoff = new Backoff(new Random(seeds.nextLong()));
            long at = backoff.next().toMillis();
            firstDials[(int) (at * firstDials.length / (Backoff.BASE.toMillis() + 1))]++;
            while (at < outage) {
                at += backoff.next().toMillis();
            }
            returns[(int) Math.min(returns.length - 1, (at - outage) / 250)]++;
        }
        // Evenly, a tenth of the agents would dial in each tenth; and about 4 % in the fullest quarter of a second.
        assertThat(Arrays.stream(firstDials).boxed())
                .allSatisfy(dials -> assertThat(dials).isBetween(50, 150));
        assertThat(Arrays.stream(returns).boxed())
                .allSatisfy(dials -> assertThat(dials).isLessThan(agents * 6 / 100));
    }
}
