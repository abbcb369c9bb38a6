package io.culvert.tunnel.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.testkit.StreamProbe;
import io.culvert.tunnel.testkit.TransportPair;
import io.culvert.tunnel.testkit.TransportPair.Ends;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each fault on streams of the memory transport: the relay's end is an edge's, the agent's end the local service's. */
class StreamFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final StreamFaults faults = StreamFaults.create(1);
    private final TransportPair pair = TransportPair.of(faults.around("memory")).build();

    @AfterEach
    void nothingIsLeft() {
        faults.reset();
        pair.close();
    }

    private Ends open() {
        return open(StreamKind.HTTP);
    }

    private Ends open(StreamKind kind) {
        StreamProbe visitor = pair.open(kind);
        return new Ends(visitor, pair.nextLocal());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static void request(Ends ends, String text) {
        ends.visitor().write(bytes(text));
        assertThat(text(ends.local().readBytes(text.length()))).isEqualTo(text);
    }

    private static void answer(Ends ends, String text) {
        ends.local().write(bytes(text));
        assertThat(text(ends.visitor().readBytes(text.length()))).isEqualTo(text);
    }

    @Test
    void withoutFaultsBytesPass() {
        Ends ends = open();
        request(ends, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        answer(ends, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    }

    @Test
    void aRequestThatIsResetIsNotSeenByTheLocalService() {
        Fault fault = faults.onRequests(head -> head.path().equals("/bad")).reset();
        Ends good = open();
        Ends bad = open();
        good.visitor().write(bytes("GET /good?x=/bad HTTP/1.1\r\nHost: x\r\n\r\n"));
        assertThat(text(good.local().readBytes(38))).startsWith("GET /good");
        CompletableFuture<Void> write =
                bad.visitor().write(ByteBuffer.wrap(bytes("GET /bad?1 HTTP/1.1\r\nHost: x\r\n\r\n")));
        assertThat(StreamProbe.awaitFailure(write))
                .isInstanceOf(StreamException.class)
                .hasMessageContaining("fault of the test");
        bad.visitor().expectReset(TunnelError.RESET);
        bad.local().expectReset();
        assertThat(fault.hits()).isEqualTo(1);
        answer(good, "HTTP/1.1 204 No Content\r\n\r\n");
    }

    @Test
    void aHeadInPiecesIsOneHead() {
        faults.onRequests(head -> head.field("X-Kind").equals(java.util.Optional.of("bad")))
                .refuse(TunnelError.OVERLOADED);
        Ends ends = open();
        ends.visitor().write(bytes("GET / HT"));
        ends.visitor().write(bytes("TP/1.1\r\nx-kind:"));
        StreamProbe.awaitFailure(ends.visitor().write(ByteBuffer.wrap(bytes(" bad\r\n\r\n"))));
        ends.visitor().expectReset(TunnelError.OVERLOADED);
    }

    @Test
    void theNextRequestIsFoundBehindBodiesOfBothForms() {
        Ends ends = open();
        request(ends, "POST /1 HTTP/1.1\r\nContent-Length: 20\r\n\r\nGET /3 HTTP/1.1\r\n\r\nx");
        answer(ends, "HTTP/1.1 204 No Content\r\n\r\n");
        request(
                ends,
                "POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n13;a=b\r\nGET /3 HTTP/1.1\r\n\r\n\r\n0\r\nA: b\r\n\r\n");
        answer(ends, "HTTP/1.1 204 No Content\r\n\r\n");
        faults.onRequests(head -> head.target().equals("/3")).reset();
        StreamProbe.awaitFailure(ends.visitor().write(ByteBuffer.wrap(bytes("GET /3 HTTP/1.1\r\n\r\n"))));
    }

    @Test
    void anAnswerIsCutBehindItsHead() {
        Fault fault = faults.onNextRequest().truncate(3);
        Ends ends = open();
        request(ends, "GET / HTTP/1.1\r\n\r\n");
        ends.local().write(bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
        String head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        assertThat(text(ends.visitor().readBytes(head.length() + 3))).isEqualTo(head + "hel");
        ends.visitor().expectReset(TunnelError.RESET);
        ends.local().expectReset();
        assertThat(fault.hits()).isEqualTo(1);
    }

    @Test
    void anAnswerOfThatLengthIsNotCut() {
        Fault fault = faults.onNextRequest().truncate(5);
        Ends ends = open();
        request(ends, "GET / HTTP/1.1\r\n\r\n");
        answer(ends, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        request(ends, "GET / HTTP/1.1\r\n\r\n");
        answer(ends, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!");
        assertThat(fault.hits()).isZero();
    }

    @Test
    void aRequestsBodyIsCut() {
        faults.onStreams().only(Direction.UP).truncate(4);
        Ends ends = open();
        String head = "POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\n";
        StreamProbe.awaitFailure(ends.visitor().write(ByteBuffer.wrap(bytes(head + "12345678"))));
        assertThat(text(readUntilReset(ends.local()))).isIn(head + "1234", "");
        ends.visitor().expectReset(TunnelError.RESET);
    }

    /** What came before the reset; a reset may overtake it. */
    private static byte[] readUntilReset(StreamProbe from) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        assertThatThrownBy(() -> {
                    ByteBuffer target = ByteBuffer.allocate(100);
                    while (from.read(target) > 0) {
                        all.write(target.array(), 0, target.position());
                        target.clear();
                    }
                })
                .isInstanceOf(StreamException.class);
        return all.toByteArray();
    }

    @Test
    void stalledBytesGoOnWhenTheFaultIsLifted() {
        Ends ends = open(StreamKind.UPGRADE);
        Fault fault = faults.onStream(ends.visitor().stream().id()).stall();
        CompletableFuture<Void> write = ends.visitor().write(ByteBuffer.wrap(bytes("up")));
        ends.local().write(bytes("down"));
        Ends other = open(StreamKind.UPGRADE);
        other.visitor().write(bytes("x"));
        other.local().readBytes(1);
        assertThat(write).isNotDone();
        fault.close();
        assertThat(text(ends.local().readBytes(2))).isEqualTo("up");
        assertThat(text(ends.visitor().readBytes(4))).isEqualTo("down");
    }

    @Test
    void aStallOfOneDirectionLeavesTheOtherAlone() {
        faults.onStreams().only(Direction.DOWN).stall();
        Ends ends = open(StreamKind.UPGRADE);
        ends.visitor().write(bytes("up"));
        assertThat(text(ends.local().readBytes(2))).isEqualTo("up");
    }

    @Test
    void latencyHoldsBytesBack() {
        Fault fault = faults.onStreams().only(Direction.UP).latency(Duration.ofHours(1));
        Ends ends = open(StreamKind.UPGRADE);
        CompletableFuture<Void> write = ends.visitor().write(ByteBuffer.wrap(bytes("up")));
        ends.local().write(bytes("down"));
        assertThat(text(ends.visitor().readBytes(4))).isEqualTo("down");
        assertThat(write).isNotDone();
        fault.close();
        assertThat(text(ends.local().readBytes(2))).isEqualTo("up");
    }

    @Test
    void bandwidthHoldsBackWhatIsTooMuch() {
        Fault fault = faults.onStreams().bandwidth(1);
        Ends ends = open(StreamKind.UPGRADE);
        CompletableFuture<Void> write = ends.visitor().write(ByteBuffer.wrap(new byte[20_000]));
        ends.local().readBytes(1); // the first slice is free
        assertThat(write).isNotDone();
        fault.close();
        ends.local().readBytes(19_999);
    }

    @Test
    void singleBytesArriveOneByOneAndComplete() throws Exception {
        faults.onStreams().singleBytes();
        Ends ends = open(StreamKind.UPGRADE);
        ends.local().write(new byte[100]);
        for (int i = 0; i < 100; i++) {
            ByteBuffer target = ByteBuffer.allocate(10);
            assertThat(ends.visitor().read(target)).isEqualTo(1);
        }
        ends.visitor().write(new byte[20_000]);
        ends.local().readBytes(20_000);
    }

    @Test
    void halfOpenSwallowsAndAbortsWhenLifted() {
        Ends ends = open(StreamKind.UPGRADE);
        Fault fault = faults.onStreams().halfOpen();
        ends.visitor().write(bytes("lost"));
        ends.local().write(bytes("lost"));
        ends.local().stream().end();
        assertThat(ends.visitor().closed()).isNotDone();
        fault.close();
        ends.visitor().expectReset(TunnelError.RESET);
        ends.local().expectReset();
    }

    @Test
    void anEndThatIsHeldBackComesWhenTheFaultIsLifted() {
        Ends ends = open(StreamKind.UPGRADE);
        ends.visitor().stream().end();
        ends.local().expectEnd();
        Fault fault = faults.onStreams().stall();
        CompletableFuture<Void> readable = lastEnd(ends);
        assertThat(readable).isNotDone();
        fault.close();
        assertThat(readable).isDone();
        ends.visitor().expectEnd();
    }

    @Test
    void anEndThatWasSwallowedBecomesAnAbort() {
        Ends ends = open(StreamKind.UPGRADE);
        ends.visitor().stream().end();
        ends.local().expectEnd();
        Fault fault = faults.onStreams().halfOpen();
        CompletableFuture<Void> readable = lastEnd(ends);
        assertThat(readable).isNotDone();
        fault.close();
        assertThat(readable).isDone();
        assertThatThrownBy(() -> ends.visitor().stream().read(ByteBuffer.allocate(1)))
                .isInstanceOf(StreamException.class)
                .hasMessageContaining("fault of the test");
    }

    /** With the local service's end the stream is over, though the visitor's side does not know yet: it waits for that. */
    private static CompletableFuture<Void> lastEnd(Ends ends) {
        CompletableFuture<Void> readable = new CompletableFuture<>();
        ends.visitor().stream().onReadable(() -> readable.complete(null));
        ends.local().stream().end();
        StreamProbe.await(ends.visitor().closed());
        return readable;
    }

    @Test
    void resetEndsWhatIsOpenAndNothingLater() {
        Ends ends = open();
        Fault fault = faults.onStreams().reset();
        assertThat(ends.visitor().closed()).isDone();
        assertThat(fault.hits()).isEqualTo(1);
        request(open(), "GET / HTTP/1.1\r\n\r\n");
    }

    @Test
    void refusedStreamsDoNotOpen() {
        faults.onStreams().times(2).refuse(TunnelError.AGENT_AWAY);
        for (int i = 0; i < 2; i++) {
            Throwable why = StreamProbe.awaitFailure(pair.relay().open(StreamKind.HTTP, TransportPair.TUNNEL));
            assertThat(StreamException.errorOf(why)).isEqualTo(TunnelError.AGENT_AWAY);
        }
        open();
    }

    @Test
    void aRepeatByTheRelayMeetsTheSameFaultAndCountsOnce() {
        Fault fault = faults.onNextRequest(head -> head.path().equals("/once")).reset();
        Ends first = open();
        request(first, "GET / HTTP/1.1\r\n\r\n");
        answer(first, "HTTP/1.1 204 No Content\r\n\r\n");
        byte[] once = bytes("GET /once HTTP/1.1\r\n\r\n");
        StreamProbe.awaitFailure(first.visitor().write(ByteBuffer.wrap(once)));
        StreamProbe.awaitFailure(open().visitor().write(ByteBuffer.wrap(once)));
        assertThat(fault.hits()).isEqualTo(1);
        request(open(), text(once));
    }

    @Test
    void theSameSeedChoosesTheSame() {
        for (long seed = 0; seed < 5; seed++) {
            assertThat(choices(seed)).isEqualTo(choices(seed));
        }
        assertThat(choices(1)).isNotEqualTo(choices(2));
    }

    private String choices(long seed) {
        StreamFaults seeded = StreamFaults.create(seed);
        seeded.onStreams().withProbability(0.5).refuse();
        StringBuilder choices = new StringBuilder();
        try (TransportPair other = TransportPair.of(seeded.around("memory")).build()) {
            for (int i = 0; i < 30; i++) {
                choices.append(
                        other.relay()
                                        .open(StreamKind.HTTP, TransportPair.TUNNEL)
                                        .isCompletedExceptionally()
                                ? 'x'
                                : '.');
            }
        }
        return choices.toString();
    }

    @Test
    void aFaultThatIsNotMetNamesItselfAndTheSeed() {
        Fault fault = faults.onNextRequest().stall();
        assertThatThrownBy(() -> fault.awaitHits(1, Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("stall on the next request")
                .hasMessageContaining("Seed: 1");
    }

    @Test
    void aHitIsAwaited() {
        Fault fault = faults.onNextRequest().stall();
        Ends ends = open();
        CompletableFuture<Void> write = ends.visitor().write(ByteBuffer.wrap(bytes("GET / HTTP/1.1\r\n\r\n")));
        fault.awaitHits(1, PATIENCE);
        assertThat(write).isNotDone();
        faults.reset();
        await().atMost(PATIENCE).until(write::isDone);
        assertThat(text(ends.local().readBytes(18))).startsWith("GET");
    }

    @Test
    void aMissingTransportIsNamed() {
        assertThatThrownBy(() -> faults.around("tcp")).hasMessageContaining("io.culvert:transport-tcp");
    }
}
