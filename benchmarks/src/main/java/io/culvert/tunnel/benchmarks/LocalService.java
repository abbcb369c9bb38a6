package io.culvert.tunnel.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local service behind the tunnel, as cheap as one can be: a blocking thread for each connection, answers made beforehand.
 *
 * <ul>
 *   <li>{@code GET /bytes/N} answers N bytes and keeps the connection.
 *   <li>Upgrade on {@code /echo}: every byte comes back.
 *   <li>Upgrade on {@code /sink}: takes an eight-byte count and that many bytes, answers with the count; again and again.
 *   <li>Upgrade on {@code /source/N}: takes an eight-byte count, sends that many bytes in writes of N; again and again.
 * </ul>
 *
 * After their 101 the upgraded connections carry raw bytes: no tunnel looks into them, and no WebSocket library costs time.
 */
final class LocalService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalService.class);

    private final ServerSocket listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<Integer, byte[]> answers = new ConcurrentHashMap<>();

    LocalService() throws IOException {
        start("local-service-accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                start("local-service", () -> serve(socket));
            } catch (IOException x) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException("The local service cannot take connections any more.", x);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BlockingSocket visitor = new BlockingSocket(socket);
            for (String head = visitor.readHead(); head != null; head = visitor.readHead()) {
                String path = Heads.path(head);
                if (Heads.field(head, "Upgrade") != null) {
                    visitor.write(Heads.switching(Heads.field(head, "Sec-WebSocket-Key")));
                    upgraded(path, visitor);
                    return;
                }
                visitor.write(path.startsWith("/bytes/") ? answer(tail(path)) : Heads.notFound());
            }
        } catch (SocketException x) {
            // The visitor or close() reset the connection: the end of many a benchmark.
            LOG.debug("A connection of the local service was reset", x);
        } catch (IOException x) {
            throw new UncheckedIOException("The local service failed on a connection.", x);
        } finally {
            open.remove(socket);
        }
    }

    private void upgraded(String path, BlockingSocket visitor) throws IOException {
        if (path.equals("/echo")) {
            echo(visitor);
        } else if (path.equals("/sink")) {
            while (!visitor.atEnd()) {
                long count = visitor.readLong();
                visitor.skip(count);
                visitor.writeLong(count);
            }
        } else if (path.startsWith("/source/")) {
            byte[] chunk = randomBytes(tail(path));
            while (!visitor.atEnd()) {
                visitor.writeRepeated(chunk, visitor.readLong());
            }
        }
    }

    private static void echo(BlockingSocket visitor) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        for (int count = visitor.readSome(chunk); count >= 0; count = visitor.readSome(chunk)) {
            visitor.write(chunk, count);
        }
    }

    private byte[] answer(int length) {
        return answers.computeIfAbsent(length, n -> {
            byte[] head = Heads.ok(n);
            byte[] whole = Arrays.copyOf(head, head.length + n);
            System.arraycopy(randomBytes(n), 0, whole, head.length, n);
            return whole;
        });
    }

    /** Bytes that do not compress, the same in every run. */
    static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static int tail(String path) {
        return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
