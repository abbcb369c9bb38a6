package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What streams have to do with their session: its messages, its control channel, its end. */
public interface SessionContract extends TransportUnderTest {
    @Test
    default void closingTheRelaysHalfResetsItsStreams(TransportPair pair) {
        Ends http = pair.connect(StreamKind.HTTP);
        Ends upgrade = pair.connect(StreamKind.UPGRADE);
        pair.relay().close();
        pair.relay().close();
        for (Ends ends : List.of(http, upgrade)) {
            ends.visitor().expectReset(TunnelError.CLOSED);
            ends.local().expectReset();
        }
        StreamException refusal = assertInstanceOf(
                StreamException.class,
                StreamProbe.awaitFailure(pair.relay().open(StreamKind.HTTP, TransportPair.TUNNEL)));
        assertEquals(TunnelError.CLOSED, refusal.error());
        pair.awaitNoStreams();
    }

    @Test
    default void closingTheAgentsHalfResetsItsStreams(TransportPair pair) {
        Ends http = pair.connect(StreamKind.HTTP);
        Ends upgrade = pair.connect(StreamKind.UPGRADE);
        pair.agent().close();
        pair.agent().close();
        for (Ends ends : List.of(http, upgrade)) {
            ends.local().expectReset(TunnelError.CLOSED);
            ends.visitor().expectReset();
        }
        pair.awaitNoStreams();
    }

    @Test
    default void losingTheControlChannelResetsWhatLivesOnItAndNothingElse(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        pair.loseControl();
        if (streamsSurviveControlLoss()) {
            ends.visitor().write(new byte[] {1});
            assertArrayEquals(new byte[] {1}, ends.local().readBytes(1));
            pair.restoreControl();
            ends.local().write(new byte[] {2});
            assertArrayEquals(new byte[] {2}, ends.visitor().readBytes(1));
        } else {
            ends.visitor().expectReset(TunnelError.LINK_LOST);
            ends.local().expectReset(TunnelError.LINK_LOST);
            pair.restoreControl();
        }
        Ends next = pair.connect(StreamKind.HTTP);
        next.visitor().write(new byte[] {3});
        assertArrayEquals(new byte[] {3}, next.local().readBytes(1));
    }

    @Test
    default void losingTheControlChannelAgainAndAgainUnderLoad(TransportPair pair) {
        for (int round = 0; round < 5; round++) {
            Ends ends = pair.connect(StreamKind.HTTP);
            CompletableFuture<Void> write = ends.visitor().write(ByteBuffer.wrap(Payloads.random(3_000_000)));
            ends.local().readBytes(100_000);
            pair.loseControl();
            ends.visitor().stream().reset(new StreamException(TunnelError.CANCELLED, "given up"));
            StreamProbe.await(
                    write.handle((done, failure) -> done)); // a deep buffer on the way may have taken all of it
            ends.local().stream().reset(new StreamException(TunnelError.CANCELLED, "given up"));
            pair.restoreControl();
        }
        pair.awaitNoStreams();
    }

    @Test
    default void withoutTheControlChannelNothingOpens(TransportPair pair) {
        pair.openTimeout(Duration.ofMillis(100));
        pair.loseControl();
        CompletableFuture<DataStream> opening = pair.relay().open(StreamKind.UPGRADE, TransportPair.TUNNEL);
        assertInstanceOf(StreamException.class, StreamProbe.awaitFailure(opening));
        pair.openTimeout(Duration.ofSeconds(10));
        pair.restoreControl();
        pair.connect(StreamKind.UPGRADE);
    }

    @Test
    default void messagesForUnknownStreamsAreCountedAndDropped(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.HTTP);
        pair.relayControl().send(new HttpCancel("nosuch1", "reset", ""));
        pair.relayControl().send(new WebSocketClose("nosuch2", "reset", ""));
        pair.agentControl().send(new HttpCancel("nosuch3", "reset", ""));
        pair.agentControl().send(new WebSocketClose("nosuch4", "reset", ""));
        Await.until(() -> pair.strays().size() == 4, () -> "Strays: " + pair.strays());
        ends.visitor().write(new byte[] {3});
        assertArrayEquals(new byte[] {3}, ends.local().readBytes(1));
        ends.visitor().stream().end();
        ends.local().stream().end();
        ends.visitor().expectEnd();
        ends.local().expectEnd();
    }
}
