package io.culvert.tunnel.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    @Test
    void tasksRunInOrderAndNeverTwoAtATime() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            SerialExecutor serial = SerialExecutor.on(pool);
            List<Integer> done = new ArrayList<>(); // no lock: the executor is one
            CountDownLatch last = new CountDownLatch(1);
            for (int i = 0; i < 10_000; i++) {
                int number = i;
                serial.execute(() -> done.add(number));
            }
            serial.execute(last::countDown);
            last.await();
            assertThat(done).hasSize(10_000).isSorted();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void aTaskThatComesFromATaskRunsAfterIt() {
        SerialExecutor serial = SerialExecutor.inline();
        List<String> done = new ArrayList<>();
        serial.execute(() -> {
            serial.execute(() -> done.add("inner"));
            done.add("outer");
            assertThat(serial.isInside()).isTrue();
        });
        assertThat(done).containsExactly("outer", "inner");
        assertThat(serial.isInside()).isFalse();
    }

    @Test
    void tasksWaitUntilItStarts() {
        SerialExecutor serial = SerialExecutor.held();
        List<String> done = new ArrayList<>();
        serial.execute(() -> done.add("one"));
        serial.execute(() -> done.add("two"));
        assertThat(done).isEmpty();
        serial.start(Runnable::run);
        serial.execute(() -> done.add("three"));
        assertThat(done).containsExactly("one", "two", "three");
    }

    @Test
    void aFailureStopsNothing() {
        SerialExecutor serial = SerialExecutor.inline();
        List<String> done = new ArrayList<>();
        serial.execute(() -> {
            throw new IllegalStateException("broken");
        });
        serial.execute(() -> done.add("next"));
        assertThat(done).containsExactly("next");
    }

    @Test
    void aShutDownExecutorLosesNoTask() {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        pool.shutdownNow();
        List<String> done = new ArrayList<>();
        SerialExecutor.on(pool).execute(() -> done.add("here"));
        assertThat(done).containsExactly("here");
    }
}
