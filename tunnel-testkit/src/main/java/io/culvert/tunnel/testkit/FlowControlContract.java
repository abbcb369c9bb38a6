package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A reader that does not read holds its own writer up, nobody else, and no memory without bound. */
public interface FlowControlContract extends TransportUnderTest {
    @Test
    default void aSlowVisitorStallsNobodyElse(TransportPair pair) throws Exception {
        Ends slow = pair.connect(StreamKind.HTTP);
        Ends other = pair.connect(StreamKind.HTTP);
        CompletableFuture<Void> stuck = Stalls.fill(slow.local(), maxBytesUnread());
        converse(other);
        assertFalse(stuck.isDone(), "Nobody read, so the write waits.");
        converse(pair.connect(StreamKind.UPGRADE));
        drain(slow.visitor(), slow.local(), stuck);
    }

    @Test
    default void aSlowLocalServiceStallsNobodyElse(TransportPair pair) throws Exception {
        Ends slow = pair.connect(StreamKind.UPGRADE);
        Ends other = pair.connect(StreamKind.UPGRADE);
        CompletableFuture<Void> stuck = Stalls.fill(slow.visitor(), maxBytesUnread());
        converse(other);
        assertFalse(stuck.isDone(), "Nobody read, so the write waits.");
        drain(slow.local(), slow.visitor(), stuck);
    }

    @Test
    default void theOtherDirectionOfAStalledStreamGoesOn(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        CompletableFuture<Void> stuck = Stalls.fill(ends.local(), maxBytesUnread());
        byte[] bytes = Payloads.random(1_000_000);
        try (Workers workers = new Workers()) {
            workers.run(() -> Payloads.writeInPieces(ends.visitor(), bytes, 50_000));
            workers.run(() -> assertArrayEquals(bytes, ends.local().readBytes(bytes.length)));
        }
        assertFalse(stuck.isDone());
        drain(ends.visitor(), ends.local(), stuck);
    }

    @Test
    default void aSecondWriteWhileOneWaitsIsRefused(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.HTTP);
        CompletableFuture<Void> stuck = Stalls.fill(ends.visitor(), maxBytesUnread());
        Throwable refusal = StreamProbe.awaitFailure(ends.visitor().write(ByteBuffer.wrap(new byte[] {1})));
        assertInstanceOf(IllegalStateException.class, refusal);
        assertFalse(stuck.isDone(), "The first write does not suffer from the second.");
        drain(ends.local(), ends.visitor(), stuck);
    }

    private static void converse(Ends ends) {
        byte[] bytes = Payloads.random(20_000);
        for (int i = 0; i < 20; i++) {
            ends.visitor().write(bytes);
            assertArrayEquals(bytes, ends.local().readBytes(bytes.length));
            ends.local().write(bytes);
            assertArrayEquals(bytes, ends.visitor().readBytes(bytes.length));
        }
    }

    /** Reads on: everything must arrive, in whole pieces of what {@link Stalls#fill} wrote. */
    private static void drain(StreamProbe reader, StreamProbe writer, CompletableFuture<Void> stuck) {
        try (Workers workers = new Workers()) {
            workers.run(() -> {
                StreamProbe.await(stuck);
                writer.stream().end();
            });
            workers.run(() -> {
                byte[] piece = Payloads.random(Stalls.PIECE);
                byte[] all = reader.readToEnd();
                for (int at = 0; at < all.length; at += piece.length) {
                    assertArrayEquals(piece, Arrays.copyOfRange(all, at, at + piece.length));
                }
            });
        }
    }
}
