package io.culvert.tunnel.core.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // a clock may overflow
    private final RecentIds recent = new RecentIds(now::get);

    @Test
    void anIdIsKeptForItsTime() {
        recent.add("a");
        now.addAndGet(RecentIds.KEPT_NANOS);
        assertThat(recent.contains("a")).isTrue();
        assertThat(recent.contains("b")).isFalse();
        now.incrementAndGet();
        assertThat(recent.contains("a")).isFalse();
    }

    @Test
    void thereIsABound() {
        for (int i = 0; i <= RecentIds.MAX_KEPT; i++) {
            recent.add("id" + i);
        }
        assertThat(recent.contains("id0")).isFalse();
        assertThat(recent.contains("id1")).isTrue();
        assertThat(recent.contains("id" + RecentIds.MAX_KEPT)).isTrue();
    }
}
