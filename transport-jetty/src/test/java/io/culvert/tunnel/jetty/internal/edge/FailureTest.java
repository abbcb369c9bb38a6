package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What visitors and local services see when something fails. */
class FailureTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** What a test waits for; longer than a busy machine takes from a connect to the request behind it. */
    private static final Duration SOON = Duration.ofSeconds(1);

    @ParameterizedTest
    @EnumSource(
            value = TunnelError.class,
            names = {"AGENT_AWAY", "OVERLOADED", "CLOSING", "LOCAL_REFUSED", "LOCAL_TIMEOUT", "OPEN_TIMEOUT", "RESET"})
    void tellsWhyAStreamCouldNotBeOpened(TunnelError error) throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            relay.tunnel().opener =
                    kind -> CompletableFuture.failedFuture(new StreamException(error, "secret details"));
            TestVisitor.Answer answer = visitor.ask(GET);

            assertThat(answer.status()).isEqualTo(error.status());
            assertThat(answer.field("Tunnel-Error")).isEqualTo(error.code());
            assertThat(answer.field("Retry-After")).isEqualTo(error.status() == 503 ? "2" : null);
            assertThat(answer.body()).contains(error.advice()).doesNotContain("secret", "Exception");
            assertThat(relay.refused).containsExactly(error);
            assertThat(relay.reached)
                    .isEqualTo(error == TunnelError.OPEN_TIMEOUT ? List.of(Limit.OPEN_TIME) : List.of());
            relay.tunnel().opener = relay.tunnel()::dial;
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
        }
    }

    @Test
    void failsOnlyTheRequestWhoseStreamFailed() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor first = relay.visit();
                TestVisitor second = relay.visit()) {
            CompletableFuture<DataStream> held = new CompletableFuture<>();
            AtomicInteger opens = new AtomicInteger();
            relay.tunnel().opener = kind -> opens.incrementAndGet() == 1
                    ? held
                    : CompletableFuture.failedFuture(new StreamException(TunnelError.OVERLOADED, "limit"));
            first.send(GET);
            await().untilAtomic(opens, org.hamcrest.Matchers.is(1));
            assertThat(second.ask(GET).status()).isEqualTo(503);
            relay.tunnel().dial(io.culvert.tunnel.StreamKind.HTTP).thenAccept(held::complete);
            assertThat(first.read().body()).isEqualTo("ok");
        }
    }

    @Test
    void tellsWhyAStreamWasClosedAfterItOpened() throws Exception {
        CountDownLatch requested = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    requested.countDown();
                    connection.in.read();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            CompletableFuture<DataStream> stream = new CompletableFuture<>();
            relay.tunnel().opener = kind -> relay.tunnel().dial(kind).thenApply(opened -> {
                stream.complete(opened);
                return opened;
            });
            visitor.send(GET);
            requested.await(10, TimeUnit.SECONDS);
            stream.get().reset(new StreamException(TunnelError.LOCAL_REFUSED, "nothing listens"));
            TestVisitor.Answer answer = visitor.read();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("local-refused");
        }
    }

    @Test
    void tellsWhyAStreamWasClosedBeforeItWasUsed() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            relay.tunnel().opener = kind -> relay.tunnel().dial(kind).thenApply(opened -> {
                opened.reset(new StreamException(TunnelError.LOCAL_REFUSED, "nothing listens"));
                return opened;
            });
            assertThat(visitor.ask(GET).field("Tunnel-Error")).isEqualTo("local-refused");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9\r\n",
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                "HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n",
            })
    void refusesAnswersThatAreNotHttp(String garbage) throws Exception {
        try (TestOrigin origin = TestOrigin.answering(garbage);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(GET);
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("local-protocol");
        }
    }

    @Test
    void refusesAHeadWithoutEnd() throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask(GET).field("Tunnel-Error")).isEqualTo("local-protocol");
        }
    }

    @Test
    void answersForALocalServiceThatHangsUpOrResets() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    if (turn.incrementAndGet() % 2 == 0) {
                        connection.reset();
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (int i = 0; i < 4; i++) {
                assertThat(visitor.ask(GET).field("Tunnel-Error")).isEqualTo("reset");
            }
        }
    }

    @Test
    void answersForALocalServiceThatStaysSilent() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.in.read();
                });
                TestRelay relay =
                        new TestRelay(origin, options -> options.timeouts(t -> t.response(Duration.ofMillis(200))));
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(GET);
            assertThat(answer.status()).isEqualTo(504);
            assertThat(answer.field("Tunnel-Error")).isEqualTo("local-timeout");
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.RESPONSE_TIME));
        }
    }

    @Test
    void doesNotLimitTheTimeOfAnAnswerThatHasBegun() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
                    go.await(10, TimeUnit.SECONDS);
                    connection.send("ok");
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(
                        origin,
                        options -> options.timeouts(t ->
                                t.response(SOON).requestBody(SOON).unread(SOON).idle(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.send(GET);
            visitor.readHead();
            visitor.socket.setSoTimeout(2 * (int) SOON.toMillis());
            assertThatThrownBy(visitor.in::read).isInstanceOf(java.net.SocketTimeoutException.class);
            go.countDown();
            assertThat(visitor.read(2)).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n|zz\r\n",
            })
    void showsThatAnAnswerIsNotWhole(String answer) throws Exception {
        for (String version : new String[] {"1.1", "1.0"}) {
            CountDownLatch begun = new CountDownLatch(1);
            try (TestOrigin origin = new TestOrigin(connection -> {
                        connection.readRequest();
                        String[] parts = answer.split("\\|");
                        connection.send(parts[0]);
                        begun.await(10, TimeUnit.SECONDS);
                        connection.send(parts.length > 1 ? parts[1] : "");
                    });
                    TestRelay relay = new TestRelay(origin);
                    TestVisitor visitor = relay.visit()) {
                visitor.send("GET / HTTP/" + version + "\r\nHost: app.test\r\n\r\n")
                        .readHead();
                begun.countDown();
                assertThatThrownBy(visitor::readToEnd).isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void showsThatAnAnswerToTheEndWasCut() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\n\r\npart");
                    connection.in.read(); // until the visitor has seen it
                    connection.reset();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("GET / HTTP/1.0\r\nHost: app.test\r\n\r\n");
            visitor.readHead();
            assertThat(visitor.read(4)).isEqualTo("part");
            origin.connection().reset();
            assertThatThrownBy(visitor::readToEnd).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void retriesAnIdempotentRequestOnAStaleStream() throws Exception {
        try (TestOrigin origin = staleAfterFirst();
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            assertThat(relay.tunnel().opened).hasValue(2);
        }
    }

    @Test
    void doesNotRetryWhatMayHaveHadAnEffect() throws Exception {
        try (TestOrigin origin = staleAfterFirst();
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            assertThat(visitor.ask("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\n\r\n")
                            .status())
                    .isEqualTo(502);
            assertThat(visitor.ask("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\n\r\nx")
                            .status())
                    .isEqualTo(200);
        }
    }

    /** Each connection answers one request, and hangs up on the next when it has come. */
    private static TestOrigin staleAfterFirst() throws IOException {
        return new TestOrigin(connection -> {
            connection.readRequest();
            connection.send(OK);
            connection.readRequest();
        });
    }

    @Test
    void forgetsAStreamThatEndsWhileItWaits() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send(OK);
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (int i = 1; i <= 5; i++) {
                assertThat(visitor.ask("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\n\r\nx")
                                .status())
                        .isIn(200, 502); // 502 only where the end was not seen yet
            }
            assertThat(relay.tunnel().opened.get()).isBetween(3, 5);
        }
    }

    @Test
    void closesAStreamWithMoreBytesThanItsAnswer() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (int i = 0; i < 3; i++) {
                assertThat(visitor.ask(GET).body()).isEqualTo("ok");
            }
            assertThat(relay.tunnel().opened).hasValue(3);
        }
    }

    @Test
    void tellsTheLocalServiceThatTheVisitorLeftBeforeTheAnswer() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = waitingForTheEnd(seen);
                TestRelay relay = new TestRelay(origin)) {
            try (TestVisitor visitor = relay.visit()) {
                visitor.send(GET);
                origin.head();
            }
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    @Test
    void tellsTheLocalServiceThatTheVisitorLeftDuringTheAnswer() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
                    readOne(connection, seen);
                });
                TestRelay relay = new TestRelay(origin)) {
            try (TestVisitor visitor = relay.visit()) {
                visitor.send(GET).readHead();
            }
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    @Test
    void tellsTheLocalServiceThatTheVisitorLeftDuringTheBody() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = waitingForTheEnd(seen);
                TestRelay relay = new TestRelay(origin)) {
            try (TestVisitor visitor = relay.visit()) {
                visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\n");
                origin.head();
            }
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    private static TestOrigin waitingForTheEnd(CompletableFuture<Integer> seen) throws IOException {
        return new TestOrigin(connection -> {
            connection.readHead();
            readOne(connection, seen);
        });
    }

    private static void readOne(TestOrigin.Connection connection, CompletableFuture<Integer> seen) {
        try {
            seen.complete(connection.in.read());
        } catch (IOException x) {
            seen.completeExceptionally(x);
        }
    }

    @Test
    void keepsTheStreamWhenAVisitorLeavesWithTheWholeAnswer() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin)) {
            for (int i = 0; i < 50; i++) {
                try (TestVisitor visitor = relay.visit()) {
                    assertThat(visitor.ask(GET).body()).isEqualTo("ok");
                }
            }
            assertThat(origin.failures()).isEmpty(); // no stream was reset
            assertThat(relay.tunnel().opened.get()).isLessThan(10); // the next visitor may be faster than the pool
        }
    }

    @Test
    void passesAnEarlyAnswerWhileTheBodyStillComes() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
                    connection.in.read();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(10));
            TestVisitor.Answer answer = visitor.read();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.body()).isEqualTo("big");
            visitor.send("x".repeat(1000000 - 10)); // is dropped; the connection goes on
            visitor.send(GET);
            assertThat(visitor.read().status()).isEqualTo(413);
        }
    }

    @Test
    void answersWithAnErrorWhileTheBodyStillComes() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.reset();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(10));
            TestVisitor.Answer answer = visitor.read();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.field("Connection")).isEqualTo("close");
        }
    }

    @Test
    void refusesABodyThatIsNotWellFormed() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = waitingForTheEnd(seen);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n");
            origin.head();
            visitor.send("zz\r\n");
            assertThat(visitor.read().status()).isEqualTo(400);
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        }
    }

    @Test
    void givesUpAVisitorThatStopsInTheMiddleOfItsBody() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        try (TestOrigin origin = waitingForTheEnd(seen);
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.requestBody(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\n");
            assertThat(visitor.read().status()).isEqualTo(408);
            assertThatThrownBy(() -> seen.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.REQUEST_BODY_TIME));
        }
    }

    @Test
    void givesUpAVisitorThatStopsReading() throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
                    try {
                        byte[] block = new byte[64 * 1024];
                        for (int i = 0; i < 1_000_000_000 / block.length; i++) {
                            connection.out.write(block);
                        }
                        written.complete(null);
                    } catch (IOException x) {
                        written.completeExceptionally(x);
                    }
                });
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.unread(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.send(GET).readHead();
            assertThatThrownBy(() -> written.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.UNREAD_TIME));
        }
    }

    @Test
    void closesIdleVisitors() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.idle(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.ask(GET);
            assertThat(visitor.readToEnd()).isEmpty();
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.IDLE_TIME));
        }
    }

    @Test
    void closesConnectionsWithoutARequest() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.requestHead(SOON)));
                TestVisitor silent = relay.visit()) {
            assertThat(silent.readToEnd()).isEmpty();
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.REQUEST_HEAD_TIME));
        }
    }

    /** Each byte by itself comes soon enough. */
    @Test
    void closesConnectionsWhoseHeadTrickles() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(OK);
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.requestHead(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.ask(GET); // the next head has its own time
            visitor.socket.setSoTimeout(10);
            visitor.send("GET / HTTP/1.1\r\nX-Slow: ");
            assertThatThrownBy(() -> {
                        while (true) {
                            visitor.send("a");
                            try {
                                if (visitor.in.read() < 0) {
                                    throw new SocketException("closed");
                                }
                            } catch (java.net.SocketTimeoutException x) {
                                // the next byte is due
                            }
                        }
                    })
                    .isInstanceOf(SocketException.class);
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.REQUEST_HEAD_TIME));
            assertThat(relay.tunnel().opened).hasValueLessThanOrEqualTo(1);
        }
    }

    @Test
    void cutsAnAnswerThatStops() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.responseIdle(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.send(GET).readHead();
            assertThatThrownBy(visitor::readToEnd).isInstanceOf(SocketException.class);
            await().untilAsserted(() -> assertThat(relay.reached).containsExactly(Limit.RESPONSE_IDLE_TIME));
        }
    }

    /** Time runs for the service only: not while the visitor has to read. */
    @Test
    void aPauseOfTheVisitorIsNoneOfTheAnswers() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n");
                    connection.out.write(new byte[20_000_000]);
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin, options -> options.timeouts(t -> t.responseIdle(SOON)));
                TestVisitor visitor = relay.visit()) {
            visitor.send(GET).readHead();
            AtomicLong seen = new AtomicLong();
            AtomicLong down = relay.tunnel().down;
            await().during(SOON.multipliedBy(2)).until(() -> seen.getAndSet(down.get()) == down.get());
            assertThat(down).hasValueLessThan(20_000_000);
            assertThat(visitor.in.readNBytes(20_000_000)).hasSize(20_000_000);
            assertThat(relay.reached).isEmpty();
        }
    }

    @Test
    void closesTheStreamsOfATunnelThatEnds() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    while (connection.readRequest() != null) {
                        connection.send(OK);
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.ask(GET);
            TestOrigin.Connection connection = origin.connection();
            relay.tunnel().end();
            await().until(connection.socket::isClosed); // its script saw the end
            assertThat(origin.failures()).isEmpty();
        }
    }

    @Test
    void readsNothingMoreAfterARefusal() throws Exception {
        try (TestRelay relay = new TestRelay(null);
                TestVisitor visitor = relay.visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: nobody.test\r\nContent-Length: 50\r\n\r\n" + "GET / HTTP/1.1\r\n");
            TestVisitor.Answer answer = visitor.read();
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.field("Connection")).isEqualTo("close");
            assertThat(visitor.in.read()).isEqualTo(-1);
        } catch (EOFException x) {
            throw new AssertionError(x);
        }
    }
}
