package io.culvert.tunnel.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RingTest {
    @Test
    void bytesComeOutAsTheyWentInAcrossTheSeam() {
        Random random = new Random(3);
        byte[] bytes = new byte[1_000_000];
        random.nextBytes(bytes);
        Ring ring = new Ring();
        ByteBuffer source = ByteBuffer.wrap(bytes);
        ByteBuffer target = ByteBuffer.allocate(bytes.length);
        while (target.hasRemaining()) {
            ByteBuffer in = source.slice(source.position(), Math.min(source.remaining(), random.nextInt(50_000)));
            source.position(source.position() + ring.put(in));
            ByteBuffer out = target.slice(target.position(), Math.min(target.remaining(), random.nextInt(50_000)));
            target.position(target.position() + ring.get(out));
        }
        assertThat(target.array()).isEqualTo(bytes);
        assertThat(ring.isEmpty()).isTrue();
    }

    @Test
    void aFullRingTakesNoMore() {
        Ring ring = new Ring();
        assertThat(ring.put(ByteBuffer.allocate(Ring.CAPACITY + 1))).isEqualTo(Ring.CAPACITY);
        assertThat(ring.put(ByteBuffer.allocate(1))).isZero();
        ring.clear();
        assertThat(ring.isEmpty()).isTrue();
        assertThat(ring.put(ByteBuffer.allocate(1))).isEqualTo(1);
    }
}
