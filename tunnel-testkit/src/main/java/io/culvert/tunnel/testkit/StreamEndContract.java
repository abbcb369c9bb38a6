package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Half-close: each direction has an end of its own. */
public interface StreamEndContract extends TransportUnderTest {
    @Test
    default void theVisitorEndsAndTheLocalServiceGoesOn(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            halfClose(ends.visitor(), ends.local());
        }
        pair.awaitNoStreams();
    }

    @Test
    default void theLocalServiceEndsAndTheVisitorGoesOn(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            halfClose(ends.local(), ends.visitor());
        }
        pair.awaitNoStreams();
    }

    private static void halfClose(StreamProbe first, StreamProbe second) {
        first.write(new byte[] {1, 2});
        first.stream().end();
        assertArrayEquals(new byte[] {1, 2}, second.readToEnd());
        second.expectEnd();
        for (int i = 0; i < 5; i++) {
            second.write(new byte[] {3});
            assertArrayEquals(new byte[] {3}, first.readBytes(1));
        }
        assertFalse(first.closed().isDone(), "One direction is still open.");
        assertFalse(second.closed().isDone(), "One direction is still open.");
        second.stream().end();
        first.expectEnd();
        first.expectClosed();
        second.expectClosed();
    }

    @Test
    default void allBytesArriveBeforeTheEnd(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.HTTP);
        byte[] bytes = Payloads.random(3_000_001);
        try (Workers workers = new Workers()) {
            workers.run(() -> {
                Payloads.writeInPieces(ends.visitor(), bytes, 200_000);
                ends.visitor().stream().end();
            });
            workers.run(() -> assertEquals(
                    Payloads.checksum(bytes), Payloads.checksum(ends.local().readToEnd())));
        }
    }

    @Test
    default void bothEndAtOnceWithBytesUnderWay(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        byte[] up = Payloads.random(1_000);
        byte[] down = Payloads.random(2_000);
        ends.visitor().write(up);
        ends.visitor().stream().end();
        ends.local().write(down);
        ends.local().stream().end();
        assertArrayEquals(up, ends.local().readToEnd());
        assertArrayEquals(down, ends.visitor().readToEnd());
        ends.visitor().expectClosed();
        ends.local().expectClosed();
        pair.awaitNoStreams();
    }

    @Test
    default void theCallbackComesForTheEnd(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        CompletableFuture<Void> readable = new CompletableFuture<>();
        ends.visitor().stream().onReadable(() -> readable.complete(null));
        ends.local().stream().end();
        StreamProbe.await(readable);
        ends.visitor().expectEnd();
        ends.visitor().expectEnd();
    }

    @Test
    default void nothingCanBeWrittenBehindTheEnd(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        for (StreamProbe end : new StreamProbe[] {ends.visitor(), ends.local()}) {
            end.stream().end();
            end.stream().end();
            Throwable failure = StreamProbe.awaitFailure(end.write(ByteBuffer.allocate(1)));
            assertInstanceOf(StreamException.class, failure);
        }
        ends.visitor().expectEnd();
        ends.local().expectEnd();
        ends.visitor().expectClosed();
        ends.local().expectClosed();
    }

    @Test
    default void aLateListenerIsToldAtOnce(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.visitor().stream().end();
        ends.local().expectEnd();
        ends.local().stream().end();
        ends.visitor().expectEnd();
        ends.visitor().expectClosed();
        CompletableFuture<Optional<Throwable>> late = new CompletableFuture<>();
        ends.visitor().stream().onClosed(outcome -> late.complete(Optional.ofNullable(outcome)));
        assertEquals(Optional.empty(), StreamProbe.await(late));
    }

    @Test
    default void endingWithoutHavingWrittenStillAsksForTheOtherSide(TransportPair pair) {
        StreamProbe visitor = pair.open(StreamKind.UPGRADE);
        visitor.stream().end();
        StreamProbe local = pair.nextLocal();
        local.expectEnd();
        local.write(new byte[] {4});
        local.stream().end();
        assertArrayEquals(new byte[] {4}, visitor.readToEnd());
        visitor.expectClosed();
        local.expectClosed();
    }
}
