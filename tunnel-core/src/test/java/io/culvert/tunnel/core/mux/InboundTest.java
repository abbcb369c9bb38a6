package io.culvert.tunnel.core.mux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InboundTest {
    @Test
    void chunksOfAnySizeComeOutAsTheyWentIn() {
        Random random = new Random(7);
        Inbound inbound = new Inbound(1 << 20, credit -> 0);
        byte[] bytes = new byte[1 << 20];
        random.nextBytes(bytes);
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(bytes.length - at, random.nextInt(20) == 0 ? 10_000 : random.nextInt(1_000));
            assertThat(inbound.add(ByteBuffer.wrap(bytes, at, size))).isTrue();
            at += size;
        }
        assertThat(inbound.add(ByteBuffer.allocate(1))).isFalse();
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        while (out.hasRemaining()) {
            ByteBuffer part = out.slice(out.position(), Math.min(out.remaining(), 777));
            out.position(out.position() + inbound.read(part));
        }
        assertThat(out.array()).isEqualTo(bytes);
        assertThat(inbound.empty()).isTrue();
    }

    @Test
    void singleBytesDoNotCostAnObjectEach() {
        Inbound inbound = new Inbound(1 << 20, credit -> 0);
        for (int i = 0; i < 100_000; i++) {
            inbound.add(ByteBuffer.wrap(new byte[] {(byte) i}));
        }
        assertThat(inbound.chunks()).isLessThan(16 + 100_000 / 4096 + 2);
        ByteBuffer out = ByteBuffer.allocate(100_000);
        assertThat(inbound.read(out)).isEqualTo(100_000);
        for (int i = 0; i < 100_000; i++) {
            assertThat(out.get(i)).isEqualTo((byte) i);
        }
    }

    @Test
    void theWindowGrowsForAPeerThatItHoldsUp() {
        List<Integer> asked = new ArrayList<>();
        Inbound inbound = new Inbound(1_000, credit -> {
            asked.add(credit);
            return Math.min(credit, 4_000 - credit);
        });
        assertThat(passing(inbound, 1_000)).isEqualTo(2_000); // what was read, and as much again
        assertThat(passing(inbound, 2_000)).isEqualTo(4_000);
        assertThat(inbound.window()).isEqualTo(4_000);
        assertThat(passing(inbound, 4_000)).isEqualTo(4_000);
        assertThat(asked).containsExactly(1_000, 2_000, 4_000);
        assertThat(inbound.add(ByteBuffer.allocate(4_000))).isTrue();
        assertThat(inbound.add(ByteBuffer.allocate(1))).isFalse();
    }

    @Test
    void theWindowStaysForAPeerThatItDoesNotHoldUp() {
        Inbound inbound = new Inbound(1_000, credit -> {
            throw new AssertionError("asked for more than " + credit);
        });
        for (int i = 0; i < 20; i++) {
            assertThat(passing(inbound, 250)).isZero();
            assertThat(passing(inbound, 250)).isEqualTo(500);
        }
        assertThat(inbound.window()).isEqualTo(1_000);
    }

    /** So many bytes come in and are read at once. Returns what the peer is granted then. */
    private static int passing(Inbound inbound, int bytes) {
        assertThat(inbound.add(ByteBuffer.allocate(bytes))).isTrue();
        inbound.read(ByteBuffer.allocate(bytes));
        return inbound.takeGrant();
    }
}
