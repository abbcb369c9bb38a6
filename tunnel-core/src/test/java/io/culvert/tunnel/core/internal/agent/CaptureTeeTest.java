package io.culvert.tunnel.core.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.core.net.StreamDecoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CaptureTeeTest {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final CaptureTee tee = new CaptureTee(tasks::add, () -> 7, 100 + 2 * CaptureTee.OVERHEAD);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private long counted;

    private CaptureTee.Tap tap(String name) {
        StreamDecoder decoder = new StreamDecoder() {
            @Override
            public void bytes(Direction direction, ByteBuffer bytes, long nanoTime) {
                told.add(name + " " + direction + " " + bytes.remaining() + " of " + bytes.get(0));
            }

            @Override
            public void cut() {
                told.add(name + " cut");
            }

            @Override
            public void closed(@Nullable Throwable cause, long nanoTime) {
                told.add(name + " closed");
            }
        };
        return tee.tap(decoder, (direction, count) -> counted += count);
    }

    private void runAll() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void copiesBeforeTheBufferIsUsedAgain() {
        ByteBuffer buffer = ByteBuffer.allocate(10);
        buffer.put(0, (byte) 1);
        CaptureTee.Tap tap = tap("a");
        tap.passing(Direction.UP, buffer);
        buffer.put(0, (byte) 2);
        tap.passing(Direction.DOWN, buffer);
        assertThat(buffer.remaining()).isEqualTo(10);
        tap.closed(null);
        assertThat(told).isEmpty();
        runAll();
        assertThat(told).containsExactly("a UP 10 of 1", "a DOWN 10 of 2", "a closed");
        assertThat(counted).isEqualTo(20);
    }

    @Test
    void aStreamThatIsTooFastIsCutAndOthersAreNot() {
        CaptureTee.Tap fast = tap("fast");
        CaptureTee.Tap slow = tap("slow");
        fast.passing(Direction.UP, ByteBuffer.allocate(80));
        fast.passing(Direction.UP, ByteBuffer.allocate(80));
        fast.passing(Direction.UP, ByteBuffer.allocate(1));
        slow.passing(Direction.UP, ByteBuffer.allocate(20));
        runAll();
        assertThat(told).containsExactly("fast UP 80 of 0", "fast cut", "slow UP 20 of 0");
        told.clear();
        slow.passing(
                Direction.UP, ByteBuffer.allocate(100 + CaptureTee.OVERHEAD)); // what was understood makes room again
        fast.closed(null);
        runAll();
        assertThat(told).containsExactly("slow UP " + (100 + CaptureTee.OVERHEAD) + " of 0", "fast closed");
        assertThat(counted).isEqualTo(281 + CaptureTee.OVERHEAD);
    }

    @Test
    void aFlushReturnsWhenAllIsUnderstood() throws Exception {
        tap("a").passing(Direction.UP, ByteBuffer.allocate(10));
        CompletableFuture<List<String>> flushed = CompletableFuture.supplyAsync(() -> {
            tee.flush(Duration.ofMinutes(1));
            return List.copyOf(told);
        });
        await().until(() -> {
            runAll();
            return flushed.isDone();
        });
        assertThat(flushed.join()).containsExactly("a UP 10 of 0");
    }

    @Test
    void aFlushByADecoderWaitsForNothing() {
        StreamDecoder decoder = mock();
        doAnswer(call -> {
                    tee.flush(Duration.ofMinutes(1));
                    told.add("went on");
                    return null;
                })
                .when(decoder)
                .closed(any(), anyLong());
        tee.tap(decoder, (direction, count) -> {}).closed(null);
        runAll();
        assertThat(told).containsExactly("went on");
    }

    @Test
    void manyTinyCopiesAreBoundedToo() {
        CaptureTee.Tap tap = tap("tiny");
        for (int i = 0; i < 100; i++) {
            tap.passing(Direction.UP, ByteBuffer.allocate(1));
        }
        assertThat(tasks).hasSizeLessThan(5);
        runAll();
        assertThat(told).endsWith("tiny cut");
    }
}
