package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoleThreadsTest {
    private static final int MANY = 40;
    private static final int FEW = 2;

    @Test
    void idleOnesGoTogether() throws Exception {
        RoleThreads threads = new RoleThreads("role", MANY, FEW);
        threads.setIdleTimeout(1_000); // one by one it would take longer than is waited for
        threads.start();
        CountDownLatch busy = new CountDownLatch(MANY);
        CountDownLatch over = new CountDownLatch(1);
        for (int i = 0; i < MANY; i++) {
            threads.execute(() -> {
                busy.countDown();
                try {
                    over.await();
                } catch (InterruptedException x) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(threads.getThreads()).isEqualTo(MANY);
        over.countDown();
        await().until(() -> threads.getThreads() == FEW);
        threads.stop();
    }
}
