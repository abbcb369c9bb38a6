package io.culvert.tunnel.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.message.TunnelMessage.HttpCancel;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.Slots;
import io.culvert.tunnel.message.TunnelMessage.WebSocketClose;
import io.culvert.tunnel.message.TunnelMessage.WebSocketReady;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.tcp.internal.DialledAhead;
import io.culvert.tunnel.testkit.StreamProbe;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The relay's half against connections made by hand. */
class DataPathTest {
    private static final Duration TIMEOUT = SessionContext.OPEN_TIMEOUT;

    /** By then few missing slots were granted. */
    private static final Duration GATHERED = Duration.ofMillis(50);

    /** By then it was seen whether fewer slots would do. */
    private static final Duration RELAXED = Duration.ofSeconds(10);

    private RelayServer server;
    private SessionContext context;
    private RelayTransport relay;
    private List<String> slotIds = List.of();

    @BeforeEach
    void start() throws Exception {
        server = new RelayServer();
        context = new SessionContext(server.uri(), server, null);
        relay = new DedicatedTcpTransportProvider().relayHalf(context);
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
        relay.close();
        await().untilAsserted(() -> assertThat(server.connections()).isZero());
        server.close();
        assertThat(context.strays).isEmpty();
    }

    private CompletableFuture<DataStream> open(StreamKind kind) {
        return relay.open(kind, "demo");
    }

    /** Opens without slots; returns the id that the agent is told. */
    private String ask(CompletableFuture<DataStream> opening) throws Exception {
        HttpRequest request = context.sent(HttpRequest.class);
        assertThat(request.tunnel()).isEqualTo("demo");
        assertThat(request.payload()).isNull();
        assertThat(opening).isNotDone();
        return request.requestId();
    }

    private int status(String request) throws Exception {
        try (Dialled dialled = Dialled.send(server.port(), request)) {
            return dialled.status();
        }
    }

    private String head(String request) throws Exception {
        try (Dialled dialled = Dialled.send(server.port(), request)) {
            return dialled.head;
        }
    }

    @Test
    void bytesBehindTheHeadAreTheStreams() throws Exception {
        relay.onRegistered();
        assertThat(context.nothingSent()).isTrue();
        CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
        String id = ask(opening);
        try (Dialled agent =
                Dialled.send(server.port(), Dialled.request(id, SessionContext.SECRET) + "glued to the head")) {
            assertThat(agent.status()).isEqualTo(101);
            DataStream stream = StreamProbe.await(opening);
            assertThat(stream.id()).isEqualTo(id);
            assertThat(new StreamProbe(stream).readBytes(17)).asString().isEqualTo("glued to the head");
            stream.write(ByteBuffer.wrap("answer".getBytes()), Completion.IGNORE);
            assertThat(agent.read(6)).isEqualTo("answer");
            assertThat(context.time.waiting()).isZero();
        }
    }

    @Test
    void whoDoesNotBelongHereIsTurnedAway() throws Exception {
        relay.onRegistered();
        String id = ask(open(StreamKind.HTTP));
        String good = Dialled.request(id, SessionContext.SECRET);

        String unknown = head(Dialled.request(SessionContext.id(), SessionContext.SECRET));
        assertThat(unknown).startsWith("HTTP/1.1 404 ");
        String wrongSecret = Dialled.request(id, SessionContext.SECRET.replace('0', '1'));
        assertThat(head(wrongSecret)).isEqualTo(unknown);
        assertThat(head(Dialled.request(id, ""))).isEqualTo(unknown);
        assertThat(head(Dialled.request(id, SessionContext.SECRET + "0"))).isEqualTo(unknown);
        assertThat(head(Dialled.request("", SessionContext.SECRET))).isEqualTo(unknown);
        assertThat(head(Dialled.request(id + "/", SessionContext.SECRET))).isEqualTo(unknown);
        assertThat(head(good.replaceAll("Authorization: .*\r\n", ""))).isEqualTo(unknown);
        assertThat(head(good.replace("Bearer", "Basic"))).isEqualTo(unknown);
        assertThat(head(good.replaceAll("(Authorization: .*\r\n)", "$1$1"))).isEqualTo(unknown);

        assertThat(status(good.replace("GET", "POST"))).isEqualTo(405);
        assertThat(status(good.replace("GET", "HEAD"))).isEqualTo(405);
        assertThat(status(good.replaceAll("Upgrade: culvert\r\n", ""))).isEqualTo(426);
        assertThat(status(good.replaceAll("Connection: Upgrade\r\n", ""))).isEqualTo(400);
        assertThat(status(good.replaceAll("(Connection|Upgrade): .*\r\n", ""))).isEqualTo(426);
        assertThat(status(good.replace("Upgrade: culvert", "Upgrade: websocket")))
                .isEqualTo(426);
        assertThat(status(good.replace("\r\n\r\n", "\r\nContent-Length: 1\r\n\r\nx")))
                .isEqualTo(400);
        assertThat(status(good.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")))
                .isEqualTo(400);

        try (Dialled agent = Dialled.dial(server.port(), id)) {
            assertThat(status(good)).isEqualTo(409);
            assertThat(head(wrongSecret)).isEqualTo(unknown); // a used id is told to its session only
            agent.write("fine");
        }
    }

    @Test
    void aSessionsSecretOpensNothingOfAnother() throws Exception {
        relay.onRegistered();
        String id = ask(open(StreamKind.HTTP));
        SessionContext other = new SessionContext(server.uri(), server, null);
        RelayTransport second = new DedicatedTcpTransportProvider().relayHalf(other);
        second.onRegistered();
        second.open(StreamKind.HTTP, "demo");
        String othersId = other.sent(HttpRequest.class).requestId();
        second.close();
        assertThat(status(Dialled.request(othersId, SessionContext.SECRET))).isEqualTo(404);
        Dialled.dial(server.port(), id).close();
    }

    @Test
    void anIdThatIsNotUsedInTimeIsForgotten() throws Exception {
        relay.onRegistered();
        CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
        String id = ask(opening);
        context.time.advance(TIMEOUT);
        StreamException failure = (StreamException) StreamProbe.awaitFailure(opening);
        assertThat(failure.error()).isEqualTo(TunnelError.OPEN_TIMEOUT);
        assertThat(context.sent(HttpCancel.class).code()).isEqualTo("open-timeout");
        assertThat(status(Dialled.request(id, SessionContext.SECRET))).isEqualTo(404);
        relay.onMessage(new HttpCancel(id, "local-refused", "late")); // crossed with ours: no stray
    }

    @Test
    void aRefusalFailsTheOpening() throws Exception {
        relay.onRegistered();
        CompletableFuture<DataStream> opening = open(StreamKind.UPGRADE);
        String id = context.sent(WebSocketUpgrade.class).connectionId();
        relay.onMessage(new WebSocketClose(id, "local-refused", "nothing listens on localhost:3000"));
        StreamException failure = (StreamException) StreamProbe.awaitFailure(opening);
        assertThat(failure.error()).isEqualTo(TunnelError.LOCAL_REFUSED);
        assertThat(failure).hasMessageContaining("nothing listens on localhost:3000");
        assertThat(status(Dialled.request(id, SessionContext.SECRET))).isEqualTo(404);
        assertThat(context.nothingSent()).isTrue();
        assertThat(context.time.waiting()).isZero();
    }

    @Test
    void aCallerThatGivesUpIsPassedOn() throws Exception {
        relay.onRegistered();
        CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
        String id = ask(opening);
        opening.cancel(false);
        HttpCancel cancel = context.sent(HttpCancel.class);
        assertThat(cancel.requestId()).isEqualTo(id);
        assertThat(cancel.code()).isEqualTo("cancelled");
        assertThat(status(Dialled.request(id, SessionContext.SECRET))).isEqualTo(404);
    }

    @Test
    void endAndResetKeepTheirMeaning() throws Exception {
        relay.onRegistered();
        CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
        try (Dialled agent = Dialled.dial(server.port(), ask(opening))) {
            StreamProbe stream = new StreamProbe(StreamProbe.await(opening));
            agent.write("last");
            agent.socket.shutdownOutput();
            assertThat(stream.readToEnd()).asString().isEqualTo("last");
            stream.write("still open".getBytes());
            assertThat(agent.read(10)).isEqualTo("still open");
            stream.stream().end();
            assertThat(agent.socket.getInputStream().read()).isEqualTo(-1);
            stream.expectClosed();
        }
        CompletableFuture<DataStream> next = open(StreamKind.HTTP);
        Dialled agent = Dialled.dial(server.port(), ask(next));
        StreamProbe stream = new StreamProbe(StreamProbe.await(next));
        agent.reset();
        stream.expectReset(TunnelError.RESET);
        stream.expectFailed();
    }

    @Test
    void losingTheControlChannelFailsWhatIsPending() throws Exception {
        relay.onRegistered();
        CompletableFuture<DataStream> pending = open(StreamKind.HTTP);
        String id = ask(pending);
        relay.onControlLost();
        assertThat(((StreamException) StreamProbe.awaitFailure(pending)).error())
                .isEqualTo(TunnelError.LINK_LOST);
        assertThat(status(Dialled.request(id, SessionContext.SECRET))).isEqualTo(404);
        StreamException refusal = (StreamException) StreamProbe.awaitFailure(open(StreamKind.HTTP));
        assertThat(refusal.error()).isEqualTo(TunnelError.LINK_LOST);
        relay.onControlRestored();
        open(StreamKind.HTTP);
        context.sent(HttpRequest.class);
    }

    @Test
    void anOpeningThatTheLossMeetsHalfwayLetsNobodyIn() throws Exception {
        relay.onRegistered();
        context.nextId = SessionContext.id();
        context.whenNamed = relay::onControlLost;
        StreamException failure = (StreamException) StreamProbe.awaitFailure(open(StreamKind.HTTP));
        assertThat(failure.error()).isEqualTo(TunnelError.LINK_LOST);
        assertThat(context.nothingSent()).isTrue();
        assertThat(status(Dialled.request(context.nextId, SessionContext.SECRET)))
                .isEqualTo(404);
    }

    /** Registers with so many slots and dials them all; the last of the list came last. */
    private List<Dialled> register(int slots) throws Exception {
        return register(slots, slots);
    }

    private List<Dialled> register(int slots, int atMost) throws Exception {
        offer(slots, atMost);
        return dialAll(slots);
    }

    private void offer(int slots, int atMost) {
        context.slots = slots;
        context.slotsAtMost = atMost;
        relay = new DedicatedTcpTransportProvider().relayHalf(context);
        relay.onRegistered();
    }

    /** Dials so many, which were just granted. */
    private List<Dialled> dialAll(int granted) throws Exception {
        slotIds = context.sent(Slots.class).connectionIds();
        assertThat(slotIds).hasSize(granted).doesNotHaveDuplicates();
        List<Dialled> dialled = new ArrayList<>();
        int before = DialledAhead.availableIn(relay);
        for (String id : slotIds) {
            dialled.add(Dialled.dial(server.port(), id));
            await().until(() -> DialledAhead.availableIn(relay) == before + dialled.size());
        }
        return dialled;
    }

    @Test
    void theSlotThatCameLastIsUsedFirstAndReplaced() throws Exception {
        List<Dialled> agents = register(3);
        for (int last = 2; last >= 0; last--) {
            CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
            HttpRequest request = context.sent(HttpRequest.class);
            assertThat(request.requestId()).isEqualTo(slotIds.get(last));
            context.time.advance(GATHERED);
            assertThat(context.sent(Slots.class).connectionIds()).hasSize(1);
            StreamProbe stream = new StreamProbe(StreamProbe.await(opening));
            stream.write("request".getBytes());
            assertThat(agents.get(last).read(7)).isEqualTo("request");
            agents.get(last).write("answer");
            assertThat(stream.readBytes(6)).asString().isEqualTo("answer");
            agents.get(last).close();
        }
        String id = ask(open(StreamKind.HTTP)); // none waits: asked for by a fresh id
        assertThat(slotIds).doesNotContain(id);
    }

    @Test
    void slotsThatAreUsedAreReplacedInOneMessage() throws Exception {
        register(8);
        for (int used = 1; used <= 3; used++) {
            open(StreamKind.HTTP);
            context.sent(HttpRequest.class);
        }
        assertThat(context.nothingSent()).isTrue();
        context.time.advance(GATHERED);
        assertThat(context.sent(Slots.class).connectionIds()).hasSize(3);
    }

    @Test
    void aSlotThatIsNotNeededAnyMoreEndsInOrder() throws Exception {
        register(1, 2);
        open(StreamKind.HTTP);
        context.sent(HttpRequest.class);
        String first = context.sent(Slots.class).connectionIds().get(0);
        open(StreamKind.HTTP); // none is left: from now on there ought to be two
        context.sent(HttpRequest.class);
        Dialled older = Dialled.dial(server.port(), first);
        await().until(() -> DialledAhead.availableIn(relay) == 1);
        Dialled newer = dialAll(1).get(0);
        context.time.advance(RELAXED);
        assertThat(context.sent(HttpCancel.class).code()).isEqualTo("open-timeout"); // of the one that nobody brought
        context.time.advance(RELAXED);
        older.expectEnd();
        StreamProbe.await(open(StreamKind.HTTP));
        assertThat(context.sent(HttpRequest.class).requestId()).isEqualTo(slotIds.get(0));
        newer.close();
    }

    @Test
    void aSlotWaitsLongerThanItsIdMayBeUsed() throws Exception {
        List<Dialled> agents = register(1);
        context.time.advance(TIMEOUT.multipliedBy(10));
        StreamProbe.await(open(StreamKind.HTTP));
        agents.get(0).close();
    }

    @Test
    void slotsThatNobodyDialledAreGrantedAnew() throws Exception {
        offer(2, 2);
        List<String> ids = context.sent(Slots.class).connectionIds();
        try (Dialled one = Dialled.dial(server.port(), ids.get(0))) {
            context.time.advance(TIMEOUT);
            assertThat(context.sent(Slots.class).connectionIds()).hasSize(1).doesNotContainAnyElementsOf(ids);
            assertThat(status(Dialled.request(ids.get(1), SessionContext.SECRET)))
                    .isEqualTo(404);
            assertThat(status(Dialled.request(ids.get(0), SessionContext.SECRET)))
                    .isEqualTo(409);
            one.close();
        }
    }

    @Test
    void aSlotThatGoesAwayIsNeverHandedOut() throws Exception {
        List<Dialled> agents = register(2);
        agents.get(1).close();
        await().until(() -> context.time.waiting() == 2); // the ids' own end, and the replacement
        CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
        assertThat(context.sent(HttpRequest.class).requestId()).isEqualTo(slotIds.get(0));
        StreamProbe.await(opening);
        assertThat(context.sent(Slots.class).connectionIds()).hasSize(2); // off the visitor's path, for both
        agents.get(0).reset();
    }

    @Test
    void bytesOnASlotThatWaitsBreakTheProtocol() throws Exception {
        Dialled agent = register(1).get(0);
        agent.write("unasked");
        agent.expectReset();
        await().untilAsserted(() -> assertThat(context.protocolErrors).hasSize(1));
        assertThat(open(StreamKind.HTTP)).isNotDone();
    }

    @Test
    void aRefusalResetsTheSlotWithItsReason() throws Exception {
        Dialled agent = register(1).get(0);
        StreamProbe stream = new StreamProbe(StreamProbe.await(open(StreamKind.HTTP)));
        relay.onMessage(new HttpCancel(stream.stream().id(), "local-refused", "no service"));
        stream.expectReset(TunnelError.LOCAL_REFUSED);
        assertThat(StreamException.errorOf(stream.expectFailed())).isEqualTo(TunnelError.LOCAL_REFUSED);
        agent.expectReset();
    }

    @Test
    void anUpgradeOnASlotMustBecomeReady() throws Exception {
        List<Dialled> agents = register(2);
        StreamProbe first = new StreamProbe(StreamProbe.await(open(StreamKind.UPGRADE)));
        assertThat(context.sent(WebSocketUpgrade.class).initialRequest()).isNull();
        context.sent(Slots.class);
        relay.onMessage(new WebSocketReady(first.stream().id()));
        StreamProbe second = new StreamProbe(StreamProbe.await(open(StreamKind.UPGRADE)));
        context.sent(WebSocketUpgrade.class);
        context.sent(Slots.class);
        context.time.advance(TIMEOUT);
        context.sent(Slots.class); // in place of those that nobody dialled
        second.expectReset(TunnelError.OPEN_TIMEOUT);
        WebSocketClose close = context.sent(WebSocketClose.class);
        assertThat(close.connectionId()).isEqualTo(second.stream().id());
        assertThat(close.code()).isEqualTo("open-timeout");
        first.write("on".getBytes());
        assertThat(agents.get(1).read(2)).isEqualTo("on");
        agents.get(0).expectReset();
    }

    @Test
    void slotsOutliveTheControlChannel() throws Exception {
        List<Dialled> agents = register(2);
        StreamProbe upgrade = new StreamProbe(StreamProbe.await(open(StreamKind.UPGRADE)));
        context.sent(WebSocketUpgrade.class);
        context.sent(Slots.class);
        relay.onControlLost();
        upgrade.expectReset(TunnelError.LINK_LOST); // the agent may never have heard of it
        relay.onControlRestored();
        StreamProbe.await(open(StreamKind.HTTP));
        assertThat(context.sent(HttpRequest.class).requestId()).isEqualTo(slotIds.get(0));
        agents.get(0).reset();
    }

    @Test
    void guessesAreCountedAndLimitedAndNeverShutTheAgentOut() throws Exception {
        relay.onRegistered();
        CompletableFuture<DataStream> opening = open(StreamKind.HTTP);
        String id = ask(opening);
        assertThat(status(Dialled.request("0".repeat(32), SessionContext.SECRET)))
                .isEqualTo(404);
        assertThat(server.refused).hasValue(1);
        server.waitSeconds = 7;
        String limited = head(Dialled.request(id, "f".repeat(64)));
        assertThat(limited).startsWith("HTTP/1.1 429 ").contains("\r\nRetry-After: 7\r\n", "\r\nConnection: close\r\n");
        assertThat(server.refused).hasValue(2);
        assertThat(server.admitted).hasValue(0);
        try (Dialled agent = Dialled.dial(server.port(), id)) {
            assertThat(opening.get()).isNotNull();
            assertThat(server.admitted).hasValue(1);
            assertThat(server.refused).hasValue(2);
            agent.reset();
        }
    }
}
