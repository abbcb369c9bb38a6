package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Well-behaved and ill-behaved visitors and services at once: nobody gets another one's answer, and nothing stays behind. */
class MixedTrafficTest {
    private static final int VISITORS = 8;
    private static final int TURNS = 150;

    /** Says back what it was asked, in ways that depend on the path. */
    private static void serve(TestOrigin.Connection connection) throws Exception {
        for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            String path = head.split(" ")[1];
            String body = path.startsWith("/early") ? "" : connection.readBody(head);
            String text = path + body;
            if (path.startsWith("/reset")) {
                connection.reset();
                return;
            }
            if (path.startsWith("/close")) {
                return;
            }
            if (path.startsWith("/cut")) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + text);
                connection.reset();
                return;
            }
            if (path.startsWith("/chunks")) {
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(text.length()) + "\r\n" + text + "\r\n0\r\n\r\n");
            } else if (path.startsWith("/end")) {
                connection.send("HTTP/1.1 200 OK\r\n\r\n" + text);
                return;
            } else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
            }
            if (path.startsWith("/early")) {
                return;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void mixes(long seed) throws Exception {
        ExecutorService visitors = Executors.newFixedThreadPool(VISITORS);
        AtomicInteger whole = new AtomicInteger();
        try (TestOrigin origin = new TestOrigin(MixedTrafficTest::serve);
                TestRelay relay = new TestRelay(origin)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                Random random = new Random(seed * 100 + i);
                running.add(visitors.submit(() -> {
                    for (int turn = 0; turn < TURNS; turn++) {
                        visit(relay, random, whole);
                    }
                    return null;
                }));
            }
            for (Future<?> visitor : running) {
                visitor.get(50, TimeUnit.SECONDS);
            }
            assertThat(whole.get()).isGreaterThan(VISITORS * TURNS);
            assertThat(relay.edge.drain(Duration.ofMinutes(5))).isTrue(); // a lost exchange would take all of it
            relay.awaitNoLeaks();
        } finally {
            visitors.shutdownNow();
        }
    }

    @Test
    void visitorsThatLeaveJustAsTheAnswerComes() throws Exception {
        ExecutorService visitors = Executors.newFixedThreadPool(VISITORS);
        Map<String, CountDownLatch> asked = new ConcurrentHashMap<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    for (String head = connection.readHead(); head != null; head = connection.readHead()) {
                        asked.get(head.split(" ")[1]).countDown();
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
                    }
                });
                TestRelay relay = new TestRelay(origin)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < VISITORS; i++) {
                int id = i;
                running.add(visitors.submit(() -> {
                    for (int turn = 0; turn < 4 * TURNS; turn++) {
                        String path = "/" + id + "/" + turn;
                        CountDownLatch came = new CountDownLatch(1);
                        asked.put(path, came);
                        try (TestVisitor visitor = relay.visit()) {
                            visitor.send("GET " + path + " HTTP/1.1\r\nHost: app.test\r\n\r\n");
                            came.await();
                            visitor.socket.setSoLinger(true, 0);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> visitor : running) {
                visitor.get(50, TimeUnit.SECONDS);
            }
            assertThat(relay.edge.drain(Duration.ofMinutes(5))).isTrue();
            relay.awaitNoLeaks();
        } finally {
            visitors.shutdownNow();
        }
    }

    private static void visit(TestRelay relay, Random random, AtomicInteger whole) throws IOException {
        try (TestVisitor visitor = relay.visit()) {
            boolean open = true;
            for (int i = random.nextInt(5); open && i >= 0; i--) {
                switch (random.nextInt(8)) {
                    case 0 -> { // leaves with or without a part of the body sent
                        visitor.send("PUT /left HTTP/1.1\r\nHost: app.test\r\nContent-Length: 10\r\n\r\n"
                                + "x".repeat(random.nextInt(9)));
                        return;
                    }
                    case 1 -> { // leaves before the answer
                        visitor.send("GET /left HTTP/1.1\r\nHost: app.test\r\n\r\n");
                        if (random.nextBoolean()) {
                            visitor.socket.setSoLinger(true, 0);
                        }
                        return;
                    }
                    case 2 -> open = ask(visitor, random, "/reset", 502, whole);
                    case 3 -> open = ask(visitor, random, "/close", 502, whole);
                    case 4 -> {
                        visitor.send("GET /cut HTTP/1.1\r\nHost: app.test\r\n\r\n");
                        try {
                            visitor.read();
                            throw new AssertionError("a cut answer looks whole");
                        } catch (SocketException | EOFException x) {
                            return;
                        }
                    }
                    default -> {
                        String[] paths = {"/", "/chunks", "/end"};
                        open = ask(visitor, random, paths[random.nextInt(3)], 200, whole);
                    }
                }
            }
        }
    }

    /** Returns whether the connection stays open. */
    private static boolean ask(TestVisitor visitor, Random random, String path, int status, AtomicInteger whole)
            throws IOException {
        String id = path + "/" + Long.toHexString(random.nextLong());
        String body = "b".repeat(random.nextInt(3) * random.nextInt(20_000));
        visitor.send((body.isEmpty() ? "GET " : "PUT ") + id + " HTTP/1.1\r\nHost: app.test\r\n"
                + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body);
        TestVisitor.Answer answer = visitor.read();
        // With a body nothing is sent twice, and a kept-alive stream may have ended just then.
        boolean stale = status == 200 && answer.status() == 502 && !body.isEmpty();
        if (!stale) {
            assertThat(answer.status()).isEqualTo(status);
            whole.incrementAndGet();
        }
        if (answer.status() == 200) {
            assertThat(answer.body()).isEqualTo(id + body);
        }
        return !"close".equals(answer.field("Connection"));
    }

    @Test
    void answersThousandsOfPipelinedRequests() throws Exception {
        int count = 5_000;
        try (TestOrigin origin = new TestOrigin(MixedTrafficTest::serve);
                TestRelay relay = new TestRelay(origin);
                TestVisitor visitor = relay.visit()) {
            Thread writer = new Thread(() -> {
                Random random = new Random(7);
                StringBuilder text = new StringBuilder();
                try {
                    for (int i = 0; i < count; i++) {
                        text.append("GET /").append(i).append(" HTTP/1.1\r\nHost: app.test\r\n\r\n");
                        while (text.length() > 100 && random.nextInt(3) == 0) { // in pieces of any size
                            int cut = random.nextInt(text.length());
                            visitor.send(text.substring(0, cut));
                            text.delete(0, cut);
                        }
                    }
                    visitor.send(text.toString());
                } catch (IOException x) {
                    throw new java.io.UncheckedIOException(x);
                }
            });
            writer.start();
            for (int i = 0; i < count; i++) {
                assertThat(visitor.read().body()).isEqualTo("/" + i);
            }
            writer.join();
        }
    }
}
