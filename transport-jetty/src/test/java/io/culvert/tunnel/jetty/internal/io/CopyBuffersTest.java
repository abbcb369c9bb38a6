package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

class CopyBuffersTest {
    private static final int KIB = 1024;
    private static final long BOUND = 16L * KIB * KIB;
    private static final int CONNECTIONS = 4096;

    private final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();
    private final CopyBuffers buffers = new CopyBuffers(BOUND);
    private final Deque<RetainableByteBuffer> held = new ArrayDeque<>();

    private int acquire() {
        RetainableByteBuffer buffer = buffers.acquire(pool, CopyBuffers.LARGEST);
        held.add(buffer);
        return buffer.capacity();
    }

    @Test
    void theMoreAreHeldTheSmallerTheyAre() {
        for (int i = 0; i < 128; i++) {
            assertThat(acquire()).isEqualTo(64 * KIB);
        }
        for (int i = 0; i < 256; i++) {
            assertThat(acquire()).isEqualTo(16 * KIB);
        }
        assertThat(acquire()).isEqualTo(4 * KIB);
        buffers.release(held.pop());
        assertThat(acquire()).isEqualTo(16 * KIB);
    }

    @Test
    void oneForEachDirectionOfEachPairOfConnectionsStaysNearTheBound() {
        for (int i = 0; i < CONNECTIONS; i++) {
            acquire();
        }
        assertThat(buffers.held()).isLessThan(BOUND * 7 / 4);
        while (!held.isEmpty()) {
            assertThat(buffers.release(held.pop())).isNull();
        }
        assertThat(buffers.held()).isZero();
        assertThat(pool.getLeaks()).isEmpty();
        assertThat(acquire()).isEqualTo(64 * KIB);
    }

    @Test
    void lessThanAllowedIsGivenAsWanted() {
        RetainableByteBuffer small = buffers.acquire(pool, 16 * KIB);
        assertThat(small.capacity()).isEqualTo(16 * KIB);
        RetainableByteBuffer large = buffers.acquireAtLeast(pool, 100 * KIB);
        assertThat(large.capacity()).isGreaterThanOrEqualTo(100 * KIB);
        buffers.release(small);
        buffers.release(large);
        assertThat(buffers.release(null)).isNull();
        assertThat(buffers.held()).isZero();
    }
}
