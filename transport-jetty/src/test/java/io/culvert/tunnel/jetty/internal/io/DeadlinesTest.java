package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits of time on one timer. */
class DeadlinesTest {
    private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler("timer", true);
    private final Deadlines deadlines = new Deadlines(scheduler);
    private final BlockingQueue<String> over = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        scheduler.start();
    }

    @AfterEach
    void stop() throws Exception {
        deadlines.stop();
        scheduler.stop();
    }

    private Runnable after(Duration time, String what) {
        return deadlines.after(time, () -> over.add(what));
    }

    @Test
    void areOverUnlessCalledOff() throws Exception {
        after(Duration.ofHours(1), "never");
        after(Duration.ofMillis(1), "called off").run();
        after(Duration.ofMillis(20), "later");
        after(Duration.ofMillis(2), "soon");
        Set<String> told = new HashSet<>();
        while (told.size() < 2) {
            String next = over.poll(20, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            told.add(next);
        }
        assertThat(told).containsExactlyInAnyOrder("soon", "later");
        assertThat(over).isEmpty();
    }
}
