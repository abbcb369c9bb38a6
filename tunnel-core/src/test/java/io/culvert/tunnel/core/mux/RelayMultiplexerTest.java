package io.culvert.tunnel.core.mux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage.Credit;
import io.culvert.tunnel.message.TunnelMessage.End;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.HttpResponse;
import io.culvert.tunnel.message.TunnelMessage.Slots;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketFrame;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RelayMultiplexerTest {
    private static final int CHUNK = 32 * 1024;

    private final FakeSession session = new FakeSession();
    private final RelayTransport relay = StreamMultiplexer.relay(session);
    private final Ending end = new Ending();

    @Test
    void theFirstWriteOpens() {
        DataStream http = open(StreamKind.HTTP);
        DataStream upgrade = unwatched(StreamKind.UPGRADE);
        assertThat(session.turns).isEmpty();
        http.write(bytes("GET"), new Ending());
        upgrade.write(bytes("UPG"), new Ending());
        session.allTurns();
        assertThat(session.taken())
                .containsExactly(
                        new HttpRequest("id1", "web", bytes("GET")), new WebSocketUpgrade("id2", "web", bytes("UPG")));
        http.write(bytes("more"), new Ending());
        upgrade.write(bytes("more"), new Ending());
        session.allTurns();
        assertThat(session.taken())
                .containsExactly(
                        new HttpRequest("id1", null, bytes("more")),
                        new WebSocketFrame("id2", Direction.UP, bytes("more")));
    }

    @Test
    void aStreamNeverWrittenIsNeverHeardOf() {
        DataStream closed = open(StreamKind.HTTP);
        closed.close();
        assertThat(end.orderly()).isTrue();
        DataStream reset = unwatched(StreamKind.HTTP);
        reset.reset(new IOException("gone"));
        DataStream lateReset = unwatched(StreamKind.HTTP);
        Ending write = new Ending();
        lateReset.write(bytes("x"), write);
        lateReset.reset(new IOException("gone"));
        session.allTurns();
        assertThat(write.error()).isEqualTo(TunnelError.RESET);
        assertThat(session.taken()).isEmpty();
        assertThat(session.reserved).isZero();
        assertThat(session.scheduler.waiting()).isZero();
    }

    @Test
    void chunksKeepToTheirSizeAndToTheCredit() {
        session.sendCredit = CHUNK + 1000;
        DataStream stream = open(StreamKind.HTTP);
        Ending write = new Ending();
        ByteBuffer source = ByteBuffer.allocate(3 * CHUNK);
        stream.write(source, write);
        session.allTurns();
        assertThat(sizes()).containsExactly(CHUNK, 1000);
        relay.onMessage(new Credit("id1", 5));
        session.allTurns();
        assertThat(sizes()).containsExactly(5);
        assertThat(write.pending()).isTrue();
        relay.onMessage(new Credit("id1", 1L << 30));
        session.allTurns();
        assertThat(sizes()).containsExactly(CHUNK, CHUNK - 1005);
        assertThat(write.orderly()).isTrue();
        assertThat(source.hasRemaining()).isFalse();
    }

    private List<Integer> sizes() {
        return session.taken().stream()
                .map(message -> ((HttpRequest) message).payload().remaining())
                .toList();
    }

    @Test
    void streamsTakeTurnsAndAStalledOneTakesNone() {
        session.sendCredit = 10;
        DataStream stalled = open(StreamKind.HTTP);
        session.sendCredit = 100_000;
        DataStream other = unwatched(StreamKind.HTTP);
        stalled.write(ByteBuffer.allocate(20), new Ending());
        other.write(ByteBuffer.allocate(2 * CHUNK), new Ending());
        session.allTurns();
        assertThat(session.taken()).extracting("requestId").containsExactly("id1", "id2", "id2");
        assertThat(session.turns).isEmpty();
    }

    @Test
    void theEndKeepsItsPlaceAndACancelOvertakes() {
        DataStream stream = opened(StreamKind.HTTP);
        stream.write(ByteBuffer.allocate(2 * CHUNK), new Ending());
        stream.end();
        session.turn();
        session.turn();
        assertThat(session.turn()).isEqualTo(new End("id1"));

        DataStream other = unwatched(StreamKind.HTTP);
        other.write(ByteBuffer.allocate(2 * CHUNK), new Ending());
        session.turn();
        session.taken();
        other.reset(new StreamException(TunnelError.CANCELLED, "The visitor left."));
        assertThat(session.taken()).containsExactly(new HttpCancel("id2", "cancelled", "The visitor left."));
        session.allTurns();
        assertThat(session.taken()).isEmpty();
    }

    @Test
    void aWriteUnderWayFailsOnlyWhenItsBufferIsFree() {
        DataStream stream = opened(StreamKind.HTTP);
        Ending write = new Ending();
        stream.write(ByteBuffer.allocate(2 * CHUNK), write);
        var turn = session.turns.remove();
        turn.next();
        stream.reset(new IOException("gone"));
        assertThat(write.pending()).as("The chunk is being encoded.").isTrue();
        assertThat(end.pending()).isFalse();
        turn.sent(null);
        assertThat(write.error()).isEqualTo(TunnelError.RESET);
        assertThat(session.turns).isEmpty();
    }

    @Test
    void aFrameThatDidNotLeaveResetsTheStream() {
        DataStream stream = opened(StreamKind.HTTP);
        Ending write = new Ending();
        stream.write(ByteBuffer.allocate(CHUNK), write);
        session.turns.remove().sent(new StreamException(TunnelError.LINK_LOST, "lost"));
        assertThat(write.error()).isEqualTo(TunnelError.LINK_LOST);
        assertThat(end.error()).isEqualTo(TunnelError.LINK_LOST);
        assertThat(session.reserved).isZero();
    }

    @Test
    void reasonsOfOtherKindsStayHere() {
        DataStream stream = opened(StreamKind.HTTP);
        stream.reset(new IOException("10.1.2.3 is unreachable"));
        assertThat(session.taken()).containsExactly(new HttpCancel("id1", "reset", TunnelError.RESET.advice()));
        assertThat(end.failure()).hasMessageContaining("10.1.2.3");
    }

    @Test
    void creditComesBackOnceHalfTheWindowWasReadAndNotAfterTheEnd() throws Exception {
        DataStream stream = opened(StreamKind.HTTP);
        relay.onMessage(new HttpResponse("id1", ByteBuffer.allocate(60_000)));
        assertThat(session.taken()).isEmpty();
        stream.read(ByteBuffer.allocate(49_999));
        assertThat(session.taken()).isEmpty();
        stream.read(ByteBuffer.allocate(1));
        assertThat(session.taken()).containsExactly(new Credit("id1", 50_000));
        relay.onMessage(new HttpResponse("id1", ByteBuffer.allocate(90_000)));
        relay.onMessage(new End("id1"));
        assertThat(stream.read(ByteBuffer.allocate(200_000))).isEqualTo(100_000);
        assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(session.taken()).isEmpty();
    }

    @Test
    void bytesWithoutCreditResetTheStream() {
        DataStream stream = opened(StreamKind.HTTP);
        relay.onMessage(new HttpResponse("id1", ByteBuffer.allocate(100_000)));
        assertThat(end.pending()).isTrue();
        assertThat(session.exceeded).isEmpty();
        relay.onMessage(new HttpResponse("id1", ByteBuffer.allocate(1)));
        assertThat(session.exceeded).containsExactly("id1");
        assertProtocolReset(stream);
    }

    @Test
    void bytesOrAnotherEndBehindTheEndResetTheStream() {
        DataStream stream = opened(StreamKind.HTTP);
        relay.onMessage(new End("id1"));
        relay.onMessage(new HttpResponse("id1", bytes("late")));
        assertProtocolReset(stream);
    }

    @Test
    void creditOutOfRangeResetsTheStream() {
        for (long credit : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 40) + 1}) {
            DataStream stream = unwatched(StreamKind.HTTP);
            stream.write(bytes("x"), new Ending());
            session.allTurns();
            relay.onMessage(new Credit(stream.id(), credit));
            assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
                    .isInstanceOfSatisfying(
                            StreamException.class, e -> assertThat(e.error()).isEqualTo(TunnelError.PROTOCOL));
        }
    }

    private void assertProtocolReset(DataStream stream) {
        assertThat(end.error()).isEqualTo(TunnelError.PROTOCOL);
        assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(10))).isInstanceOf(StreamException.class);
        assertThat(session.taken())
                .filteredOn(HttpCancel.class::isInstance)
                .singleElement()
                .satisfies(cancel -> assertThat(((HttpCancel) cancel).code()).isEqualTo("protocol"));
        assertThat(session.reserved).isZero();
    }

    @Test
    void anUpgradeTimesOutOnceItsOpeningLeft() {
        DataStream stream = open(StreamKind.UPGRADE);
        session.scheduler.advance(Duration.ofSeconds(11));
        stream.write(bytes("x"), new Ending());
        session.allTurns();
        session.scheduler.advance(Duration.ofMillis(9_999));
        assertThat(end.pending()).isTrue();
        session.scheduler.advance(Duration.ofMillis(1));
        assertThat(end.error()).isEqualTo(TunnelError.OPEN_TIMEOUT);
        assertThat(session.taken()).last().isInstanceOf(WebSocketClose.class);
    }

    @Test
    void anUpgradeThatIsConnectedAndPlainHttpDoNotTimeOut() {
        opened(StreamKind.HTTP);
        DataStream upgrade = relay.open(StreamKind.UPGRADE, "web").join();
        upgrade.write(bytes("x"), new Ending());
        session.allTurns();
        relay.onMessage(new WebSocketReady("id2"));
        assertThat(session.scheduler.waiting()).isZero();
        session.scheduler.advance(Duration.ofHours(1));
        assertThat(end.pending()).isTrue();
        relay.onMessage(new WebSocketFrame("id2", Direction.DOWN, bytes("y")));
        assertThat(session.strays).isEmpty();
    }

    @Test
    void anUpgradeIsRefusedWithItsReason() {
        DataStream stream = open(StreamKind.UPGRADE);
        Ending write = new Ending();
        stream.write(bytes("x"), write);
        session.allTurns();
        relay.onMessage(new WebSocketClose("id1", "local-refused", "nobody\nhome"));
        assertThat(end.error()).isEqualTo(TunnelError.LOCAL_REFUSED);
        assertThat(end.failure()).hasMessageContaining("nobody?home");
        assertThat(session.scheduler.waiting()).isZero();
        assertThat(session.taken()).hasSize(1);
    }

    @Test
    void bytesBeforeReadyAndASecondReadyResetTheUpgrade() {
        for (int ready : new int[] {0, 2}) {
            DataStream stream = unwatched(StreamKind.UPGRADE);
            stream.write(bytes("x"), new Ending());
            session.allTurns();
            for (int i = 0; i < ready; i++) {
                relay.onMessage(new WebSocketReady(stream.id()));
            }
            relay.onMessage(new WebSocketFrame(stream.id(), Direction.DOWN, bytes("y")));
            assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1))).isInstanceOf(StreamException.class);
        }
    }

    @Test
    void aMessageForAnotherKindResetsTheStream() {
        DataStream stream = opened(StreamKind.HTTP);
        relay.onMessage(new WebSocketFrame("id1", Direction.DOWN, bytes("y")));
        assertProtocolReset(stream);
    }

    @Test
    void messagesThatARelayNeverGetsEndTheSession() {
        relay.onMessage(new HttpRequest("id1", "web", null));
        relay.onMessage(new WebSocketUpgrade("id1", "web", null));
        relay.onMessage(new WebSocketFrame("id1", Direction.UP, bytes("y")));
        relay.onMessage(new Slots(List.of("a")));
        assertThat(session.protocolErrors).hasSize(4);
    }

    @Test
    void aClosedStreamLingersForThePeersEnd() {
        DataStream stream = opened(StreamKind.HTTP);
        stream.close();
        session.allTurns();
        assertThat(end.orderly()).isTrue();
        assertThat(session.reserved).isEqualTo(100_000);
        relay.onMessage(new End("id1"));
        assertThat(session.reserved).isZero();
        assertThat(session.scheduler.waiting()).isZero();
        assertThat(session.taken()).containsExactly(new End("id1"));
    }

    @Test
    void aClosedStreamResetsAPeerThatNeverEndsOrGoesOnSending() {
        DataStream silent = opened(StreamKind.HTTP);
        silent.close();
        session.allTurns();
        session.scheduler.advance(MuxStream.LINGER);
        assertThat(session.taken()).last().isInstanceOf(HttpCancel.class);

        DataStream chatty = unwatched(StreamKind.HTTP);
        chatty.write(bytes("x"), new Ending());
        chatty.close();
        session.allTurns();
        relay.onMessage(new HttpResponse(chatty.id(), bytes("y")));
        assertThat(session.taken()).last().isInstanceOf(HttpCancel.class);
        assertThat(session.reserved).isZero();
        assertThat(session.scheduler.waiting()).isZero();
    }

    @Test
    void closingLetsAPeerThatIsOutOfCreditGoOnToItsReset() {
        DataStream stream = opened(StreamKind.HTTP);
        relay.onMessage(new HttpResponse("id1", ByteBuffer.allocate(100_000)));
        stream.close();
        session.allTurns();
        assertThat(session.taken()).containsExactly(new Credit("id1", 100_000), new End("id1"));
        relay.onMessage(new HttpResponse("id1", bytes("more")));
        assertThat(session.taken()).singleElement().isInstanceOf(HttpCancel.class);
        assertThat(session.reserved).isZero();
    }

    @Test
    void closingWithAWriteUnderWaySendsItFirst() {
        DataStream stream = opened(StreamKind.HTTP);
        Ending write = new Ending();
        stream.write(ByteBuffer.allocate(2 * CHUNK), write);
        stream.close();
        assertThat(end.pending()).isTrue();
        session.allTurns();
        assertThat(write.orderly()).isTrue();
        assertThat(end.orderly()).isTrue();
        assertThat(session.taken()).hasSize(3).last().isEqualTo(new End("id1"));
    }

    @Test
    void messagesForStreamsThatNeverWereAreStrays() {
        relay.onMessage(new HttpResponse("nosuch", bytes("x")));
        relay.onMessage(new End("nosuch"));
        relay.onMessage(new Credit("nosuch", 1));
        relay.onMessage(new WebSocketReady("nosuch"));
        relay.onMessage(new HttpCancel("nosuch", "reset", ""));
        assertThat(session.strays).hasSize(5).containsOnly("nosuch");
    }

    @Test
    void messagesForStreamsThatJustEndedAreNot() {
        DataStream stream = opened(StreamKind.HTTP);
        stream.reset(new IOException("gone"));
        relay.onMessage(new HttpResponse("id1", bytes("x")));
        relay.onMessage(new End("id1"));
        relay.onMessage(new Credit("id1", 1));
        relay.onMessage(new HttpCancel("id1", "reset", ""));
        assertThat(session.strays).isEmpty();
    }

    @Test
    void withoutMemoryNothingOpens() {
        session.budget = 250_000;
        open(StreamKind.HTTP);
        unwatched(StreamKind.HTTP);
        assertThat(relay.open(StreamKind.HTTP, "web"))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("No memory");
        assertThat(session.reserved).isEqualTo(200_000);
    }

    @Test
    void theLossOfTheControlChannelResetsAllAndItsReturnAllowsNew() {
        open(StreamKind.HTTP);
        relay.onControlLost();
        assertThat(end.error()).isEqualTo(TunnelError.LINK_LOST);
        assertThat(relay.open(StreamKind.HTTP, "web")).isCompletedExceptionally();
        assertThat(session.reserved).isZero();
        relay.onControlRestored();
        assertThat(relay.open(StreamKind.HTTP, "web")).isCompleted();
        relay.close();
        relay.onControlRestored();
        assertThat(relay.open(StreamKind.HTTP, "web")).isCompletedExceptionally();
        assertThat(session.taken()).isEmpty();
    }

    @Test
    void callbacksForReadingNeedNoStack() throws Exception {
        DataStream stream = opened(StreamKind.HTTP);
        AtomicInteger calls = new AtomicInteger();
        relay.onMessage(new HttpResponse("id1", ByteBuffer.allocate(50_000)));
        ByteBuffer one = ByteBuffer.allocate(1);
        Runnable[] again = new Runnable[1];
        again[0] = () -> {
            try {
                one.clear();
                if (stream.read(one) == 1 && calls.incrementAndGet() < 50_000) {
                    stream.onReadable(again[0]);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        stream.onReadable(again[0]);
        assertThat(calls).hasValue(50_000);
    }

    @Test
    void aReaderThatThrowsLosesItsStreamOnly() {
        DataStream stream = opened(StreamKind.HTTP);
        stream.onReadable(() -> {
            throw new IllegalStateException("broken");
        });
        relay.onMessage(new HttpResponse("id1", bytes("x")));
        assertThat(end.error()).isEqualTo(TunnelError.INTERNAL);
    }

    /** A stream whose end the test watches. */
    private DataStream open(StreamKind kind) {
        DataStream stream = unwatched(kind);
        stream.onClosed(end::tell);
        return stream;
    }

    private DataStream unwatched(StreamKind kind) {
        return relay.open(kind, "web").join();
    }

    private DataStream opened(StreamKind kind) {
        DataStream stream = open(kind);
        stream.write(bytes("open"), new Ending());
        session.allTurns();
        session.taken();
        return stream;
    }

    private static ByteBuffer bytes(String text) {
        return UTF_8.encode(text);
    }
}
