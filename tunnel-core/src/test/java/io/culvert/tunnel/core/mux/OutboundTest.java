package io.culvert.tunnel.core.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Role;
import io.culvert.tunnel.StreamKind;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutboundTest {
    private final AtomicLong clock = new AtomicLong(100);
    private final AtomicInteger looks = new AtomicInteger();
    private final Outbound out = new Outbound(new Framing(Role.AGENT, StreamKind.HTTP, "id", "demo"), true, 10, () -> {
        looks.incrementAndGet();
        return clock.get();
    });

    @Test
    void theTimeWithoutCreditIsAddedUp() {
        out.write(ByteBuffer.allocate(25), new Ending());
        out.next();
        clock.addAndGet(5);
        assertThat(out.creditWait()).isEqualTo(5); // and still waits
        out.addCredit(10);
        clock.addAndGet(100); // waits for a turn, not for credit
        out.next();
        clock.addAndGet(2);
        out.addCredit(10);
        out.next();
        clock.addAndGet(1000);
        assertThat(out.creditWait()).isEqualTo(7);
    }

    @Test
    void theClockIsNotReadWhileThereIsCredit() {
        out.write(ByteBuffer.allocate(10), new Ending());
        out.next();
        out.sent();
        out.addCredit(50);
        assertThat(looks).hasValue(0);
        assertThat(out.creditWait()).isZero();
    }
}
