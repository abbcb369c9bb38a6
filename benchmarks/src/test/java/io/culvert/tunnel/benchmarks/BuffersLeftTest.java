package io.culvert.tunnel.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.jetty.internal.io.CopyBuffers;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

class BuffersLeftTest {
    private static final long NO_PATIENCE = 0;

    @Test
    void aBufferThatIsNotGivenBackIsTold() throws InterruptedException {
        RetainableByteBuffer buffer = CopyBuffers.PROCESS.acquire(new ArrayByteBufferPool(), 4096);

        assertThatThrownBy(() -> BuffersLeft.checkReturned(NO_PATIENCE))
                .hasMessage("The tunnel is closed and 4096 bytes of its buffers were not given back.");

        CopyBuffers.PROCESS.release(buffer);
        BuffersLeft.checkReturned(NO_PATIENCE);
    }

    @Test
    void directMemoryThatIsKeptIsTold() {
        BuffersLeft left = new BuffersLeft();
        ByteBuffer kept = ByteBuffer.allocateDirect(64 << 20);

        assertThatThrownBy(() -> left.check(NO_PATIENCE)).hasMessageContaining("bytes of direct memory in");
        assertThat(kept.capacity()).isEqualTo(64 << 20); // reachable until here
    }
}
