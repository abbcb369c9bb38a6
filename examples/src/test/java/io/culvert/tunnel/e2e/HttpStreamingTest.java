package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.StreamKind;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies while they are on their way: events, slow readers, visitors and services that leave. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class HttpStreamingTest {
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final TransportCase transport;

    HttpStreamingTest(TransportCase transport) {
        this.transport = transport;
    }

    private static String get(Rig rig, String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + rig.host() + "\r\n\r\n";
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static void acquire(Semaphore semaphore) throws InterruptedException {
        assertThat(semaphore.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void eachEventArrivesBeforeTheNextIsSent() throws Exception {
        Semaphore seen = new Semaphore(0);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (int i = 0; i < 20; i++) {
                        acquire(seen);
                        c.send(chunk("data: " + i + "\n\n"));
                    }
                    acquire(seen);
                    c.send("0\r\n\r\n");
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send(get(rig, "/events"));
            assertThat(RawHttp.fields(visitor.readHead())).contains("Content-Type: text/event-stream");
            for (int i = 0; i < 20; i++) {
                seen.release();
                assertThat(new String(visitor.readChunk(), UTF_8)).isEqualTo("data: " + i + "\n\n");
            }
            seen.release();
            assertThat(visitor.readChunk()).isEmpty();
        }
    }

    @Test
    void anUploadArrivesAsItIsSent() throws Exception {
        Semaphore seen = new Semaphore(0);
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    for (int i = 0; i < 10; i++) {
                        assertThat(new String(c.readChunk(), UTF_8)).isEqualTo("part " + i);
                        seen.release();
                    }
                    assertThat(c.readChunk()).isEmpty();
                    c.send(RawOrigin.ok("thanks"));
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send("POST / HTTP/1.1\r\nHost: " + rig.host() + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 10; i++) {
                visitor.send(chunk("part " + i));
                acquire(seen);
            }
            visitor.send("0\r\n\r\n");
            assertThat(visitor.readResponse().text()).isEqualTo("thanks");
        }
    }

    @Test
    void aSlowVisitorHoldsBackItsOwnServiceOnly() throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] block = new byte[16 * 1024];
        String blockHead = Integer.toHexString(block.length) + "\r\n";
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.socket().setSendBufferSize(64 * 1024);
                    while (true) {
                        if (c.readHead().startsWith("GET /endless")) {
                            c.send(CHUNKED);
                            while (true) {
                                c.send(blockHead).send(block).send("\r\n");
                                sent.addAndGet(block.length);
                            }
                        }
                        c.send(RawOrigin.ok("quick"));
                    }
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp slow = RawHttp.connect(rig.port(), 8 * 1024);
                RawHttp visitor = rig.visit()) {
            slow.send(get(rig, "/endless")).readHead();
            AtomicLong before = new AtomicLong(-1);
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> before.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
            assertThat(sent.get()).isLessThan(32 << 20);
            for (int i = 0; i < 20; i++) {
                assertThat(visitor.send(get(rig, "/")).readResponse().text()).isEqualTo("quick");
            }
            long stalled = sent.get();
            slow.readExactly(4 << 20);
            await().atMost(Duration.ofSeconds(30)).until(() -> sent.get() > stalled);
        }
    }

    @Test
    void aServiceThatStopsReadingHoldsBackItsOwnVisitorOnly() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        AtomicLong sent = new AtomicLong();
        byte[] block = new byte[16 * 1024];
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.socket().setReceiveBufferSize(64 * 1024);
                    while (true) {
                        if (c.readHead().startsWith("PUT")) {
                            over.await(60, TimeUnit.SECONDS);
                            return;
                        }
                        c.send(RawOrigin.ok("quick"));
                    }
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp uploader = rig.visit();
                RawHttp visitor = rig.visit()) {
            uploader.send("PUT / HTTP/1.1\r\nHost: " + rig.host() + "\r\nContent-Length: 1000000000\r\n\r\n");
            CompletableFuture<Void> upload = CompletableFuture.runAsync(() -> {
                try {
                    while (true) {
                        uploader.send(block);
                        sent.addAndGet(block.length);
                    }
                } catch (IOException x) {
                    // the service or the test ended it
                }
            });
            AtomicLong before = new AtomicLong(-1);
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> before.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
            assertThat(sent.get()).isLessThan(32 << 20);
            for (int i = 0; i < 20; i++) {
                assertThat(visitor.send(get(rig, "/")).readResponse().text()).isEqualTo("quick");
            }
            over.countDown();
            uploader.close();
            upload.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void theServiceIsToldWhenTheVisitorLeavesADownload() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send(CHUNKED);
                    try {
                        while (true) {
                            c.send(chunk("x".repeat(1000)));
                        }
                    } catch (SocketException x) {
                        told.complete("told");
                    }
                });
                Rig rig = Rig.start(transport, origin.port())) {
            try (RawHttp visitor = rig.visit()) {
                visitor.send(get(rig, "/")).readHead();
                visitor.readExactly(10_000);
            }
            assertThat(told.get(10, TimeUnit.SECONDS)).isEqualTo("told");
            awaitNoStreams(rig);
        }
    }

    @Test
    void theServiceIsToldWhenTheVisitorLeavesBeforeTheAnswer() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<Integer> told = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    asked.countDown();
                    try {
                        told.complete(c.read(new byte[1]));
                    } catch (SocketException x) {
                        told.complete(-1);
                    }
                });
                Rig rig = Rig.start(transport, origin.port())) {
            try (RawHttp visitor = rig.visit()) {
                visitor.send(get(rig, "/"));
                assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(told.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
            awaitNoStreams(rig);
        }
    }

    @Test
    void theServiceIsToldWhenTheVisitorLeavesAnUpload() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> told = new CompletableFuture<>();
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    assertThat(c.readText(4)).isEqualTo("part");
                    begun.countDown();
                    try {
                        c.readExactly(999_996);
                        told.complete("whole");
                    } catch (EOFException | SocketException x) {
                        told.complete("broken");
                    }
                });
                Rig rig = Rig.start(transport, origin.port())) {
            try (RawHttp visitor = rig.visit()) {
                visitor.send("PUT / HTTP/1.1\r\nHost: " + rig.host() + "\r\nContent-Length: 1000000\r\n\r\npart");
                assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(told.get(10, TimeUnit.SECONDS)).isEqualTo("broken");
            awaitNoStreams(rig);
        }
    }

    @Test
    void anAnswerCutShortIsSeenToBe() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    if (c.readHead().startsWith("GET /length")) {
                        c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
                    } else {
                        c.send(CHUNKED + chunk("half"));
                    }
                });
                Rig rig = Rig.start(transport, origin.port())) {
            for (String target : new String[] {"/length", "/chunked"}) {
                try (RawHttp visitor = rig.visit()) {
                    visitor.send(get(rig, target));
                    assertThatThrownBy(visitor::readResponse).isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void anAnswerThatEndsWithTheConnectionIsWhole() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end");
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            for (int i = 0; i < 3; i++) {
                assertThat(visitor.send(get(rig, "/")).readResponse().text()).isEqualTo("to the end");
            }
            awaitNoStreams(rig);
        }
    }

    @Test
    void anAnswerBeforeTheUploadEndsReachesTheVisitor() throws Exception {
        try (RawOrigin origin = RawOrigin.start(c -> {
                    c.readHead();
                    c.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo much");
                    c.end();
                    c.readToEnd();
                });
                Rig rig = Rig.start(transport, origin.port());
                RawHttp visitor = rig.visit()) {
            visitor.send("PUT / HTTP/1.1\r\nHost: " + rig.host() + "\r\nContent-Length: 10000000\r\n\r\npart");
            RawHttp.Response response = visitor.readResponse();
            assertThat(response.status()).isEqualTo(413);
            assertThat(response.text()).isEqualTo("too much");
        }
    }

    private static void awaitNoStreams(Rig rig) {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(rig.relayMetrics.closed(StreamKind.HTTP)).isEqualTo(rig.relayMetrics.opened(StreamKind.HTTP));
            assertThat(rig.agentMetrics.closed(StreamKind.HTTP)).isEqualTo(rig.agentMetrics.opened(StreamKind.HTTP));
            assertThat(rig.relay.connections()).isEmpty();
        });
    }
}
