package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Orderly close of the whole. */
public interface StreamCloseContract extends TransportUnderTest {
    @Test
    default void closingIsAnEndForThePeer(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            Ends up = pair.connect(kind);
            closeFirst(up.visitor(), up.local());
            Ends down = pair.connect(kind);
            closeFirst(down.local(), down.visitor());
        }
        pair.awaitNoStreams();
    }

    private static void closeFirst(StreamProbe first, StreamProbe second) {
        byte[] last = Payloads.random(10_000);
        first.write(last);
        first.stream().close();
        first.stream().close();
        assertArrayEquals(last, second.readToEnd());
        second.stream().close();
        second.stream().close();
        first.expectClosed();
        second.expectClosed();
    }

    @Test
    default void closingAfterTheEndFinishesTheStream(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.visitor().stream().end();
        ends.local().expectEnd();
        ends.local().stream().close();
        ends.visitor().expectEnd();
        ends.visitor().stream().close();
        ends.visitor().expectClosed();
        ends.local().expectClosed();
        pair.awaitNoStreams();
    }

    @Test
    default void aClosedStreamCanNeitherBeReadNorWritten(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        for (StreamProbe end : List.of(ends.visitor(), ends.local())) {
            end.stream().close();
            assertThrows(StreamException.class, () -> end.read(ByteBuffer.allocate(1)));
            assertInstanceOf(
                    StreamException.class, StreamProbe.awaitFailure(end.write(ByteBuffer.wrap(new byte[] {1}))));
        }
    }

    @Test
    default void whoGoesOnSendingToAClosedStreamIsReset(TransportPair pair) throws Exception {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            ends.visitor().stream().close();
            ends.local().expectEnd();
            sendUntilReset(ends.local());
            ends.local().expectFailed();
        }
        pair.awaitNoStreams();
    }

    @Test
    default void aWriterDoesNotWaitForAReaderThatClosed(TransportPair pair) throws Exception {
        Ends ends = pair.connect(StreamKind.HTTP);
        CompletableFuture<Void> stuck = Stalls.fill(ends.local(), maxBytesUnread());
        ends.visitor().stream().close();
        StreamProbe.await(stuck.exceptionally(failure -> null)); // its bytes may have left before the reset came
        sendUntilReset(ends.local());
        ends.local().expectFailed();
        pair.awaitNoStreams();
    }

    private static void sendUntilReset(StreamProbe end) throws Exception {
        byte[] more = Payloads.random(10_000);
        while (true) {
            try {
                end.write(ByteBuffer.wrap(more)).get(20, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                assertInstanceOf(StreamException.class, e.getCause());
                return;
            }
        }
    }

    @Test
    default void aStreamClosedBeforeItsFirstByteLeavesNothing(TransportPair pair) {
        StreamProbe visitor = pair.open(StreamKind.HTTP);
        visitor.stream().close();
        visitor.expectClosed();
        pair.connect(StreamKind.HTTP);
    }
}
