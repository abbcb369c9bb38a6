package io.culvert.tunnel.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.core.LogCopy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TimingTest {
    private final Timing timing = Timing.real("timing-test");

    @AfterEach
    void stop() {
        timing.scheduler().shutdownNow();
    }

    /** The one thread does one task after the other, so this comes behind what was to be run before. */
    private void untilItWasRun() throws Exception {
        Future<?> behind = timing.scheduler().schedule(() -> {}, 0, TimeUnit.MILLISECONDS);
        behind.get();
    }

    private static Runnable failing(String message) {
        return () -> {
            throw new IllegalStateException(message);
        };
    }

    @Test
    void whatTransportsScheduleTellsOfItsFailure() throws Exception {
        try (LogCopy log = new LogCopy()) {
            timing.scheduler().schedule(failing("told of by transports"), 0, TimeUnit.MILLISECONDS);
            timing.after(Duration.ZERO, failing("told of by roles"));
            untilItWasRun();
            assertThat(log.text()).contains("told of by transports").contains("told of by roles");
        }
    }

    @Test
    void whatIsCancelledIsNoFailure() throws Exception {
        try (LogCopy log = new LogCopy()) {
            timing.after(Duration.ofHours(1), failing("never run")).cancel(false);
            untilItWasRun();
            assertThat(log.text()).doesNotContain("ERROR");
        }
    }

    @Test
    void whatIsRepeatedGoesOnAfterAFailure() throws Exception {
        CountDownLatch twice = new CountDownLatch(2);
        timing.every(Duration.ofMillis(1), () -> {
            twice.countDown();
            throw new IllegalStateException("each time");
        });
        assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
    }
}
