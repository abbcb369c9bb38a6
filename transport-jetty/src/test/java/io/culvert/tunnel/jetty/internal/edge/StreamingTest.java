package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bodies on their way, in both directions. */
class StreamingTest {
    private static final int LARGE = 32 << 20;

    @Test
    void sendsTheHeadBeforeTheFirstEventAndEachEventAtOnce() throws Exception {
        CountDownLatch headSeen = new CountDownLatch(1);
        CountDownLatch firstSeen = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send(
                            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                    headSeen.await(10, TimeUnit.SECONDS);
                    connection.send("9\r\ndata: 1\n\n\r\n");
                    firstSeen.await(10, TimeUnit.SECONDS);
                    connection.send("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("GET /events HTTP/1.1\r\nHost: app.test\r\nAccept: text/event-stream\r\n\r\n");
            String head = visitor.readHead();
            assertThat(Wire.field(head, "Content-Type")).isEqualTo("text/event-stream");
            assertThat(Wire.field(head, "Transfer-Encoding")).isEqualTo("chunked");
            headSeen.countDown();
            assertThat(Wire.readLine(visitor.in)).isEqualTo("9");
            assertThat(visitor.read(11)).isEqualTo("data: 1\n\n\r\n");
            firstSeen.countDown();
            assertThat(Wire.readLine(visitor.in)).isEqualTo("9");
            assertThat(visitor.read(11)).isEqualTo("data: 2\n\n\r\n");
            assertThat(visitor.read(5)).isEqualTo("0\r\n\r\n");
        }
    }

    @Test
    void keepsTheFramingAndCarriesTrailers() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    String head = connection.readHead();
                    java.io.ByteArrayOutputStream body = new java.io.ByteArrayOutputStream();
                    String trailers = Wire.readBody(head, connection.in, body);
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                            + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\nX-Seen: "
                            + trailers.trim().replace("\r\n", ",")
                            + "\r\nContent-Length: 9\r\n\r\n");
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(
                    "POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n"
                            + "Trailer: X-T\r\nTE: trailers\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\nHost: evil\r\n\r\n");

            assertThat(answer.body()).isEqualTo("abcde");
            assertThat(answer.field("Trailer")).isEqualTo("X-Sum");
            assertThat(answer.trailers())
                    .contains("X-Sum: 5", "X-Seen: X-T: 1")
                    .doesNotContain("evil", "Content-Length");
            String head = origin.head();
            assertThat(Wire.fields(head, "Transfer-Encoding")).containsExactly("chunked");
            assertThat(Wire.field(head, "Content-Length")).isNull();
            assertThat(Wire.field(head, "Trailer")).isEqualTo("X-T");
        }
    }

    @Test
    void carriesAnAnswerThatEndsWithItsConnection() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\n\r\nto the end");
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            assertThat(visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n").body())
                    .isEqualTo("to the end");
            assertThat(visitor.ask("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n").body())
                    .isEqualTo("to the end");
            assertThat(relay.tunnel().opened).hasValue(2);
        }
    }

    @Test
    void speaksHttp10() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            String answer =
                    visitor.send("GET / HTTP/1.0\r\nHost: app.test\r\n\r\n").readToEnd();

            assertThat(answer)
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .endsWith("\r\n\r\nok")
                    .doesNotContain("chunked", "103");
            assertThat(origin.head()).startsWith("GET / HTTP/1.1\r\n");
        }
    }

    @Test
    void passesInterimAnswers() throws Exception {
        try (TestOrigin origin = TestOrigin.answering(
                        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: X\r\nX: 1\r\n\r\n"
                                + "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (int i = 0; i < 2; i++) {
                visitor.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
                String hints = visitor.readHead();
                assertThat(Wire.status(hints)).isEqualTo(103);
                assertThat(Wire.field(hints, "Link")).isEqualTo("</a.css>; rel=preload");
                assertThat(Wire.field(hints, "X")).isNull();
                assertThat(Wire.status(visitor.readHead())).isEqualTo(102);
                assertThat(visitor.read().body()).isEqualTo("ok");
            }
        }
    }

    @Test
    void letsTheLocalServiceAskForTheBody() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    String head = connection.readHead();
                    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                    String body = connection.readBody(head);
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(Wire.status(visitor.readHead())).isEqualTo(100);
            assertThat(visitor.ask("hello").body()).isEqualTo("hello");
            assertThat(Wire.field(origin.head(), "Expect")).isEqualTo("100-continue");
        }
    }

    @Test
    void letsTheLocalServiceRefuseTheBody() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                    connection.in.read();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            TestVisitor.Answer answer = visitor.ask(
                    "POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.body()).isEqualTo("no");
            assertThat(visitor.readToEnd()).isEmpty();
        }
    }

    @Test
    void doesNotWaitForEverForALocalServiceThatKnowsNoExpectation() throws Exception {
        try (TestOrigin origin = TestOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(Wire.status(visitor.readHead())).isEqualTo(100);
            assertThat(visitor.ask("hello").body()).isEqualTo("ok");
        }
    }

    @Test
    void sendsABodyWhileItComesIn() throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    first.complete(new String(connection.in.readNBytes(5)));
                    connection.in.readNBytes(5);
                    connection.send("HTTP/1.1 204 No Content\r\n\r\n");
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 10\r\n\r\nfirst");
            assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo("first");
            visitor.send("later");
            assertThat(Wire.status(visitor.readHead())).isEqualTo(204);
        }
    }

    @Test
    void carriesLargeBodiesUnchanged() throws Exception {
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        MessageDigest returned = MessageDigest.getInstance("SHA-256");
        try (TestOrigin origin = new TestOrigin(connection -> {
                    String head = connection.readHead();
                    Wire.readBody(
                            head, connection.in, new DigestOutputStream(OutputStream.nullOutputStream(), received));
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
                    writeRandom(connection.out, LARGE, false);
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            for (boolean chunked : new boolean[] {false}) {
                visitor.send("POST / HTTP/1.1\r\nHost: app.test\r\n"
                        + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + LARGE) + "\r\n\r\n");
                writeRandom(visitor.out, LARGE, chunked);
                writeRandom(new DigestOutputStream(OutputStream.nullOutputStream(), sent), LARGE, false);
                String head = visitor.readHead();
                Wire.readBody(head, visitor.in, new DigestOutputStream(OutputStream.nullOutputStream(), returned));
            }
            byte[] expected = sent.digest();
            assertThat(received.digest()).isEqualTo(expected);
            assertThat(returned.digest()).isEqualTo(expected);
        }
    }

    @Test
    void carriesLargeBodiesInChunks() throws Exception {
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        MessageDigest returned = MessageDigest.getInstance("SHA-256");
        try (TestOrigin origin = new TestOrigin(connection -> {
                    String head = connection.readHead();
                    Wire.readBody(
                            head, connection.in, new DigestOutputStream(OutputStream.nullOutputStream(), received));
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    writeRandom(connection.out, LARGE, true);
                    connection.readRequest();
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n");
            writeRandom(visitor.out, LARGE, true);
            writeRandom(new DigestOutputStream(OutputStream.nullOutputStream(), sent), LARGE, false);
            Wire.readBody(
                    visitor.readHead(), visitor.in, new DigestOutputStream(OutputStream.nullOutputStream(), returned));
            byte[] expected = sent.digest();
            assertThat(received.digest()).isEqualTo(expected);
            assertThat(returned.digest()).isEqualTo(expected);
        }
    }

    private static void writeRandom(OutputStream out, int count, boolean chunked) throws Exception {
        Random random = new Random(1);
        byte[] block = new byte[10_007];
        for (int left = count; left > 0; ) {
            random.nextBytes(block);
            int size = Math.min(left, block.length);
            if (chunked) {
                out.write((Integer.toHexString(size) + "\r\n").getBytes());
            }
            out.write(block, 0, size);
            if (chunked) {
                out.write("\r\n".getBytes());
            }
            left -= size;
        }
        if (chunked) {
            out.write("0\r\n\r\n".getBytes());
        }
        out.flush();
    }

    @Test
    void slowsTheLocalServiceDownForASlowVisitor() throws Exception {
        AtomicLong written = new AtomicLong();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
                    byte[] block = new byte[64 * 1024];
                    while (written.get() < 1_000_000_000) {
                        connection.out.write(block);
                        written.addAndGet(block.length);
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
            visitor.readHead();
            awaitStandstill(written);
            assertThat(written.get()).isLessThan(100_000_000);
        }
    }

    @Test
    void slowsTheVisitorDownForASlowLocalService() throws Exception {
        AtomicLong written = new AtomicLong();
        CountDownLatch over = new CountDownLatch(1);
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    over.await(20, TimeUnit.SECONDS);
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000000000\r\n\r\n");
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                byte[] block = new byte[64 * 1024];
                try {
                    while (written.get() < 1_000_000_000) {
                        visitor.out.write(block);
                        written.addAndGet(block.length);
                    }
                } catch (java.io.IOException x) {
                    // the test is over
                }
            });
            awaitStandstill(written);
            assertThat(written.get()).isLessThan(100_000_000);
            visitor.close();
            over.countDown();
            writing.get(10, TimeUnit.SECONDS);
        }
    }

    private static void awaitStandstill(AtomicLong written) {
        long[] last = {-1};
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    long before = last[0];
                    last[0] = written.get();
                    return last[0] > 0 && before == last[0];
                });
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (TestOrigin origin = new TestOrigin(connection -> {
                    for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                        String path = head.substring(4, head.indexOf(" HTTP"));
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path);
                    }
                });
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 500; i++) {
                requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: app.test\r\n\r\n");
                if (i % 7 == 0) { // others stay in one packet
                    visitor.send(requests.toString());
                    requests.setLength(0);
                }
            }
            visitor.send(requests.toString());
            for (int i = 0; i < 500; i++) {
                assertThat(visitor.read().body()).isEqualTo("/" + i);
            }
        }
    }
}
