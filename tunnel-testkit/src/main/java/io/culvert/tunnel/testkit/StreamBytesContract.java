package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** How bytes travel. */
public interface StreamBytesContract extends TransportUnderTest {
    @Test
    default void aConversation(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            for (int size : new int[] {1, 2, 3, 125, 1000, 4096, 16 * 1024 + 1}) {
                byte[] question = Payloads.random(size);
                ends.visitor().write(question);
                assertArrayEquals(question, ends.local().readBytes(size));
                byte[] answer = Payloads.random(2 * size);
                ends.local().write(answer);
                assertArrayEquals(answer, ends.visitor().readBytes(2 * size));
            }
        }
    }

    @Test
    default void muchBothWaysAtOnceInOddPieces(TransportPair pair) throws Exception {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            byte[] up = Payloads.random(5_000_011);
            byte[] down = Payloads.random(7_000_003);
            try (Workers workers = new Workers()) {
                workers.run(() -> Payloads.writeInPieces(ends.visitor(), up, 100_003));
                workers.run(() -> Payloads.writeInPieces(ends.local(), down, 70_001));
                workers.run(() ->
                        assertEquals(Payloads.checksum(up), Payloads.readInPieces(ends.local(), up.length, 8_191)));
                workers.run(() -> assertEquals(
                        Payloads.checksum(down), Payloads.readInPieces(ends.visitor(), down.length, 99_991)));
            }
        }
    }

    @Test
    default void oneLargeWriteOfAnyBuffer(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        int size = 1_500_001;
        byte[] bytes = Payloads.random(size);
        ByteBuffer direct = ByteBuffer.allocateDirect(size + 20)
                .position(7)
                .put(bytes)
                .position(7)
                .limit(7 + size);
        ByteBuffer slice = ByteBuffer.allocate(size + 20)
                .put(3, bytes)
                .position(3)
                .limit(3 + size)
                .slice();
        for (ByteBuffer source : List.of(direct, slice, slice.duplicate().asReadOnlyBuffer())) {
            int limit = source.limit();
            try (Workers workers = new Workers()) {
                workers.run(() -> StreamProbe.await(ends.visitor().write(source)));
                workers.run(() ->
                        assertEquals(Payloads.checksum(bytes), Payloads.readInPieces(ends.local(), size, 65_537)));
            }
            assertEquals(limit, source.position());
            assertEquals(limit, source.limit());
        }
    }

    @Test
    default void singleBytes(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.HTTP);
        byte[] bytes = Payloads.random(5_000);
        try (Workers workers = new Workers()) {
            workers.run(() -> Payloads.writeInPieces(ends.local(), bytes, 1));
            workers.run(() ->
                    assertEquals(Payloads.checksum(bytes), Payloads.readInPieces(ends.visitor(), bytes.length, 1)));
        }
    }

    @Test
    default void readingFillsTheBufferFromItsPositionOn(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.visitor().write(new byte[] {1, 2, 3});
        ByteBuffer target = ByteBuffer.allocate(10).position(4).limit(6);
        while (target.hasRemaining()) {
            ends.local().read(target);
        }
        assertArrayEquals(new byte[] {0, 0, 0, 0, 1, 2, 0, 0, 0, 0}, target.array());
        assertArrayEquals(new byte[] {3}, ends.local().readBytes(1));
    }

    @Test
    default void anEmptyWriteCompletes(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.visitor().write(new byte[0]);
        ends.local().write(new byte[0]);
        ends.visitor().write(new byte[] {5});
        assertArrayEquals(new byte[] {5}, ends.local().readBytes(1));
    }

    @Test
    default void nothingToReadIsZeroAndTheCallbackWaitsForSomething(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        DataStream local = ends.local().stream();
        assertEquals(0, local.read(ByteBuffer.allocate(10)));
        CountDownLatch readable = new CountDownLatch(1);
        local.onReadable(readable::countDown);
        assertEquals(1, readable.getCount());
        ends.visitor().write(new byte[] {9});
        Assertions.assertTrue(readable.await(20, TimeUnit.SECONDS));
        assertArrayEquals(new byte[] {9}, ends.local().readBytes(1));
    }

    @Test
    default void theCallbackComesAlsoForBytesThatAreThereAlready(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        ends.visitor().write(new byte[] {1, 2});
        ends.local().readBytes(1);
        for (int again = 0; again < 3; again++) {
            CountDownLatch readable = new CountDownLatch(1);
            ends.local().stream().onReadable(readable::countDown);
            Assertions.assertTrue(readable.await(20, TimeUnit.SECONDS), "A byte is there.");
        }
        ends.local().readBytes(1);
    }

    @Test
    default void unwrappingAlwaysGivesTheSame(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        for (StreamProbe end : List.of(ends.visitor(), ends.local())) {
            Object first = end.stream().unwrap(Object.class).orElse(null);
            assertSame(first, end.stream().unwrap(Object.class).orElse(null));
        }
        // Reading and writing through the stream works all the same.
        ends.visitor().write(new byte[] {7});
        assertArrayEquals(new byte[] {7}, ends.local().readBytes(1));
    }
}
