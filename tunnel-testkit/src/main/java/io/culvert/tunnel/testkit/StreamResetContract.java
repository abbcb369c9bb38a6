package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Abort: never mistaken for an end. */
public interface StreamResetContract extends TransportUnderTest {
    @Test
    default void theVisitorResets(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            reset(ends.visitor(), ends.local());
        }
        pair.awaitNoStreams();
    }

    @Test
    default void theLocalServiceResets(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            Ends ends = pair.connect(kind);
            reset(ends.local(), ends.visitor());
        }
        pair.awaitNoStreams();
    }

    private void reset(StreamProbe first, StreamProbe second) {
        first.stream().reset(new StreamException(TunnelError.CANCELLED, "given up by the test"));
        TunnelError seen = resetsCarryTheirError() ? TunnelError.CANCELLED : TunnelError.RESET;
        for (int again = 0; again < 3; again++) {
            first.expectReset(TunnelError.CANCELLED);
            second.expectReset(seen);
        }
        assertEquals(TunnelError.CANCELLED, StreamException.errorOf(first.expectFailed()));
        assertEquals(seen, StreamException.errorOf(second.expectFailed()));
        for (StreamProbe end : new StreamProbe[] {first, second}) {
            Throwable failure = StreamProbe.awaitFailure(end.write(ByteBuffer.wrap(new byte[] {1})));
            assertInstanceOf(StreamException.class, failure);
            end.stream().reset(new StreamException(TunnelError.INTERNAL, "too late"));
            end.stream().end();
            end.stream().close();
        }
        first.expectReset(TunnelError.CANCELLED);
        second.expectReset(seen);
    }

    @Test
    default void aCauseOfAnotherKindIsAReset(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.local().stream().reset(new IllegalStateException("anything"));
        ends.visitor().expectReset(TunnelError.RESET);
        ends.local().expectReset(TunnelError.RESET);
    }

    @Test
    default void theCallbackComesForAReset(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        CompletableFuture<Void> here = new CompletableFuture<>();
        CompletableFuture<Void> there = new CompletableFuture<>();
        ends.visitor().stream().onReadable(() -> here.complete(null));
        ends.local().stream().onReadable(() -> there.complete(null));
        ends.visitor().stream().reset(new StreamException(TunnelError.CANCELLED, "given up"));
        StreamProbe.await(here);
        StreamProbe.await(there);
        ends.local().expectReset();
    }

    @Test
    default void aResetFailsTheWriteThatWaits(TransportPair pair) throws Exception {
        for (boolean byWriter : new boolean[] {true, false}) {
            Ends ends = pair.connect(StreamKind.UPGRADE);
            CompletableFuture<Void> stuck = Stalls.fill(ends.visitor(), maxBytesUnread());
            StreamProbe who = byWriter ? ends.visitor() : ends.local();
            who.stream().reset(new StreamException(TunnelError.CANCELLED, "given up"));
            assertInstanceOf(StreamException.class, StreamProbe.awaitFailure(stuck));
            ends.visitor().expectReset();
            ends.local().expectReset();
        }
        pair.awaitNoStreams();
    }

    @Test
    default void afterOneDirectionEndedAResetIsStillNoEnd(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.visitor().stream().end();
        ends.local().expectEnd();
        ends.local().stream().reset(new StreamException(TunnelError.INTERNAL, "broke down"));
        ends.visitor().expectReset(resetsCarryTheirError() ? TunnelError.INTERNAL : TunnelError.RESET);
        ends.visitor().expectFailed();
    }

    @Test
    default void otherStreamsGoOn(TransportPair pair) {
        Ends one = pair.connect(StreamKind.HTTP);
        Ends other = pair.connect(StreamKind.HTTP);
        one.visitor().stream().reset(new StreamException(TunnelError.CANCELLED, "given up"));
        one.local().expectReset();
        other.visitor().write(new byte[] {6});
        assertArrayEquals(new byte[] {6}, other.local().readBytes(1));
    }

    @Test
    default void aLateListenerLearnsTheReason(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        ends.visitor().stream().reset(new StreamException(TunnelError.CANCELLED, "given up"));
        ends.local().expectReset(); // who never reads may not notice
        ends.local().expectFailed();
        CompletableFuture<Optional<Throwable>> late = new CompletableFuture<>();
        ends.local().stream().onClosed(outcome -> late.complete(Optional.ofNullable(outcome)));
        assertInstanceOf(StreamException.class, StreamProbe.await(late).orElseThrow());
    }
}
