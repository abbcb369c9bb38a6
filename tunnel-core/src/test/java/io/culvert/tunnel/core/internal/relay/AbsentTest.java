package io.culvert.tunnel.core.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.spi.StreamException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AbsentTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // a monotonic clock may overflow
    private final Absent absent = new Absent(now::get, "bound"::equals);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void aNameIsRememberedForTenMinutes() {
        absent.add("demo");
        pass(Duration.ofMinutes(10).minusNanos(1));
        PublicTunnel found = absent.find("demo");
        assertThat(found).isNotNull();
        CompletableFuture<?> opened = found.open(StreamKind.HTTP);
        assertThat(opened).isCompletedExceptionally();
        assertThat(opened.handle((stream, failure) -> StreamException.errorOf(failure))
                        .join())
                .isEqualTo(TunnelError.AGENT_AWAY);
        pass(Duration.ofNanos(1));
        assertThat(absent.find("demo")).isNull();
    }

    @Test
    void losingItAgainStartsTheTimeAnew() {
        absent.add("demo");
        pass(Duration.ofMinutes(9));
        absent.add("demo");
        pass(Duration.ofMinutes(9));
        assertThat(absent.find("demo")).isNotNull();
    }

    @Test
    void aBoundNameIsKnownForEver() {
        pass(Duration.ofDays(1000));
        assertThat(absent.find("bound")).isNotNull();
        assertThat(absent.find("unknown")).isNull();
    }

    @Test
    void theOldestGoFirst() {
        for (int i = 0; i <= Absent.MAX_REMEMBERED; i++) {
            absent.add("name-" + i);
        }
        assertThat(absent.find("name-0")).isNull();
        assertThat(absent.find("name-1")).isNotNull();
        assertThat(absent.find("name-" + Absent.MAX_REMEMBERED)).isNotNull();
    }
}
