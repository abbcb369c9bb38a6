package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How streams come to be. */
public interface StreamOpeningContract extends TransportUnderTest {
    @Test
    default void theAgentHearsWhatIsWanted(TransportPair pair) {
        Set<String> ids = new HashSet<>();
        for (StreamKind kind : StreamKind.values()) {
            StreamProbe visitor = pair.open(kind);
            visitor.write(new byte[] {1});
            ScriptedAcceptor.Accepted accepted = pair.acceptor().next();
            String id = visitor.stream().id();
            assertEquals(new StreamRequest(id, kind, TransportPair.TUNNEL), accepted.request());
            assertEquals(id, accepted.stream().id());
            assertTrue(ids.add(id), "Ids are unique.");
            pair.probe(accepted.stream());
        }
    }

    @Test
    default void theFirstBytesReachALocalServiceThatIsSlowToConnect(TransportPair pair) throws Exception {
        for (StreamKind kind : StreamKind.values()) {
            pair.acceptor().holdAll();
            CompletableFuture<DataStream> opening = pair.relay().open(kind, TransportPair.TUNNEL);
            byte[] first = Payloads.random(1000);
            CompletableFuture<StreamProbe> visitor = opening.thenApply(pair::probe);
            CompletableFuture<Void> written = visitor.thenCompose(probe -> probe.write(ByteBuffer.wrap(first)));
            pair.acceptor().nextHeld().connect();
            StreamProbe.await(written);
            StreamProbe local = pair.nextLocal();
            assertArrayEquals(first, local.readBytes(first.length));
            local.write(first);
            assertArrayEquals(first, StreamProbe.await(visitor).readBytes(first.length));
        }
    }

    @Test
    default void theLocalServiceMaySpeakFirst(TransportPair pair) {
        Ends ends = pair.connect(StreamKind.UPGRADE);
        byte[] greeting = Payloads.random(100);
        ends.local().write(greeting);
        assertArrayEquals(greeting, ends.visitor().readBytes(greeting.length));
    }

    @Test
    default void aRefusalBringsItsReason(TransportPair pair) {
        for (StreamKind kind : StreamKind.values()) {
            for (TunnelError error :
                    List.of(TunnelError.LOCAL_REFUSED, TunnelError.LOCAL_TIMEOUT, TunnelError.UNKNOWN_TUNNEL)) {
                pair.acceptor().refuseAll(new StreamException(error, "refused by the test"));
                StreamException failure = openingFailure(pair, kind);
                assertEquals(error, failure.error());
                assertTrue(failure.getMessage().contains("refused by the test"), failure.getMessage());
            }
        }
        pair.awaitNoStreams();
    }

    @Test
    default void anAcceptorThatThrowsRefuses(TransportPair pair) {
        pair.acceptor().failAll(new IllegalStateException("broken"));
        assertEquals(TunnelError.INTERNAL, openingFailure(pair, StreamKind.HTTP).error());
        pair.acceptor().connectAll();
        pair.connect(StreamKind.HTTP);
    }

    @Test
    default void anUpgradeThatNobodyAnswersTimesOut(TransportPair pair) {
        pair.openTimeout(Duration.ofMillis(50));
        pair.acceptor().holdAll();
        assertEquals(
                TunnelError.OPEN_TIMEOUT,
                openingFailure(pair, StreamKind.UPGRADE).error());
        ScriptedAcceptor.Held late = pair.acceptor().nextHeld();
        late.connect();
        // The agent may hear that the relay gave up before or after it joined the connection.
        StreamProbe.await(late.fate()).ifPresent(stream -> pair.probe(stream).expectFailed());
        pair.awaitNoStreams();
    }

    @Test
    default void manyStreamsAtOnce(TransportPair pair) throws Exception {
        int count = 200;
        List<StreamProbe> visitors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            visitors.add(pair.open(StreamKind.values()[i % 2]));
        }
        try (Workers workers = new Workers()) {
            for (StreamProbe visitor : visitors) {
                workers.run(() -> visitor.write(visitor.stream().id().getBytes()));
            }
            for (int i = 0; i < count; i++) {
                StreamProbe local = pair.nextLocal();
                workers.run(() -> {
                    byte[] id = local.readBytes(32);
                    assertEquals(local.stream().id(), new String(id));
                    local.write(id);
                    local.stream().end();
                    local.expectEnd();
                });
            }
            for (StreamProbe visitor : visitors) {
                workers.run(() -> {
                    assertArrayEquals(visitor.stream().id().getBytes(), visitor.readToEnd());
                    visitor.stream().end();
                    visitor.expectClosed();
                });
            }
        }
        pair.awaitNoStreams();
    }

    /** The failure of an opening, whether the transport reports it at once or on the stream. */
    private static StreamException openingFailure(TransportPair pair, StreamKind kind) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        pair.relay().open(kind, TransportPair.TUNNEL).whenComplete((stream, refusal) -> {
            if (refusal != null) {
                failure.complete(refusal);
                return;
            }
            StreamProbe visitor = pair.probe(stream);
            visitor.write(ByteBuffer.wrap(new byte[] {1}));
            visitor.closed()
                    .thenAccept(outcome -> failure.complete(
                            outcome.orElseGet(() -> new AssertionError("A refused stream came to an orderly end."))));
        });
        return assertInstanceOf(StreamException.class, StreamProbe.await(failure));
    }
}
