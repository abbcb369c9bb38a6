package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The soak's local service. Targets are {@code /KIND/ID/SIZE}; an answer is made of the id, and a request's body is checked against it. What
 * must never be goes to {@link #failures}.
 */
final class SoakService implements AutoCloseable {
    private static final int PIECE = 20_000;

    private final RawOrigin origin = RawOrigin.start(this::serve);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Set<Long> taken = ConcurrentHashMap.newKeySet();

    int port() {
        return origin.port();
    }

    Queue<Throwable> failures() {
        return failures;
    }

    /** Whether the request's body, or the visitor's direction, came whole and to its end. */
    boolean took(long id) {
        return taken.contains(id);
    }

    private void serve(RawHttp connection) throws Exception {
        connection.socket().setSoTimeout(0); // kept-alive streams wait
        try {
            while (answer(connection)) {
                continue;
            }
        } catch (AssertionError x) {
            failures.add(x);
        }
    }

    /** Whether the connection can be used again. */
    private boolean answer(RawHttp connection) throws Exception {
        String head = connection.readHead();
        String[] target = head.split(" ")[1].split("/");
        long id = Long.parseUnsignedLong(target[2], 16);
        int size = Integer.parseInt(target[3]);
        Random random = new Random(id);
        switch (target[1]) {
            case "download" -> download(connection, id, size);
            case "chunked" -> chunked(connection, id, size);
            case "upload" -> upload(connection, head, id, size);
            case "cut" -> {
                SoakContent content = new SoakContent(id);
                connection.send("HTTP/1.1 200 OK\r\nX-Id: " + target[2] + "\r\nContent-Length: " + size + "\r\n\r\n");
                connection.send(content.bytes(0, size / 2));
                if (random.nextBoolean()) {
                    connection.reset();
                }
                return false;
            }
            case "socket" -> {
                socket(connection, id, size, random);
                return false;
            }
            default -> throw new AssertionError("The service got " + head);
        }
        return true;
    }

    private static void download(RawHttp connection, long id, int size) throws IOException {
        SoakContent content = new SoakContent(id);
        connection.send(
                "HTTP/1.1 200 OK\r\nX-Id: " + Long.toHexString(id) + "\r\nContent-Length: " + size + "\r\n\r\n");
        for (int at = 0; at < size; at += PIECE) {
            connection.send(content.bytes(at, Math.min(PIECE, size - at)));
        }
    }

    /** As events of a stream are sent: each alone, when it is due. */
    private static void chunked(RawHttp connection, long id, int size) throws IOException {
        SoakContent content = new SoakContent(id);
        connection.send("HTTP/1.1 200 OK\r\nX-Id: " + Long.toHexString(id) + "\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < size; ) {
            int count = Math.min(1 + at / 2 % PIECE, size - at);
            connection.send(Integer.toHexString(count) + "\r\n");
            connection.send(content.bytes(at, count));
            connection.send("\r\n");
            at += count;
        }
        connection.send("0\r\n\r\n");
    }

    private void upload(RawHttp connection, String head, long id, int size) throws IOException {
        SoakContent content = new SoakContent(id);
        List<String> fields = RawHttp.fields(head);
        if (RawHttp.values(fields, "Transfer-Encoding").isEmpty()) {
            assertThat(RawHttp.values(fields, "Content-Length")).containsExactly(String.valueOf(size));
            for (int at = 0; at < size; at += PIECE) {
                int count = Math.min(PIECE, size - at);
                content.check(at, connection.readExactly(count), count);
            }
        } else {
            int at = 0;
            for (byte[] chunk = connection.readChunk(); chunk.length > 0; chunk = connection.readChunk()) {
                content.check(at, chunk, chunk.length);
                at += chunk.length;
            }
            assertThat(at).as("length of upload %x", id).isEqualTo(size);
        }
        taken.add(id);
        String text = "took " + Long.toHexString(id);
        connection.send("HTTP/1.1 200 OK\r\nX-Id: " + Long.toHexString(id) + "\r\nContent-Length: " + text.length()
                + "\r\n\r\n" + text);
    }

    /** Both directions at once, each with an end of its own. */
    private void socket(RawHttp connection, long id, int frames, Random random) throws Exception {
        connection.send(Upgrades.SWITCHING);
        CompletableFuture<String> sent = new CompletableFuture<>(); // with the error, if any
        Thread sender = new Thread(
                () -> {
                    try {
                        new SoakFrames(id, "down", false).send(connection, frames, random);
                        sent.complete("");
                    } catch (IOException x) {
                        sent.complete(String.valueOf(x.getMessage()));
                    }
                },
                "soak-service-sender");
        sender.setDaemon(true);
        sender.start();
        try {
            if (new SoakFrames(id, "up", true).receive(connection, frames) == SoakFrames.End.WHOLE) {
                taken.add(id);
            }
            outcome(sent);
        } catch (SoakFrames.Truncated x) {
            // The system reports a reset once: to the writer, if it is at it, and what the reader sees looks like an
            // end then. A writer that meets a reset behind an end hears of a broken pipe.
            if (!outcome(sent).contains("reset")) {
                throw x;
            }
        } finally {
            connection.close();
        }
    }

    private static String outcome(CompletableFuture<String> sent) throws Exception {
        try {
            return sent.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException x) {
            return "did not end";
        }
    }

    @Override
    public void close() throws IOException {
        origin.close();
    }
}
