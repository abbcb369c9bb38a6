package io.culvert.tunnel.e2e;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A local service of a few lines: each connection is handled by a script, in a thread of its own. */
final class RawOrigin implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final ServerSocket server;
    private final Script script;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private RawOrigin(InetAddress address, int port, Script script) {
        this.script = script;
        try {
            server = new ServerSocket(port, BACKLOG, address);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        start("raw-origin-accept", this::accept);
    }

    /** What the service does with one connection, which is closed after it. */
    interface Script {
        void run(RawHttp connection) throws Exception;
    }

    static RawOrigin start(Script script) {
        return start("127.0.0.1", 0, script);
    }

    /** On a certain address and port; port 0 is any. */
    static RawOrigin start(String address, int port, Script script) {
        try {
            return new RawOrigin(InetAddress.getByName(address), port, script);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    /** Answers each request, which must have no body, by its head. */
    static RawOrigin answering(UnaryOperator<String> answer) {
        return start(c -> {
            while (true) {
                c.send(answer.apply(c.readHead()));
            }
        });
    }

    /** A complete answer with that body. */
    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    int port() {
        return server.getLocalPort();
    }

    /** How many connections came. */
    int accepted() {
        return accepted.get();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                open.add(socket);
                start("raw-origin-connection", () -> handle(socket));
            } catch (IOException x) {
                if (!closed) {
                    failures.add(x);
                }
            }
        }
    }

    private void handle(Socket socket) {
        try (RawHttp connection = new RawHttp(socket)) {
            script.run(connection);
        } catch (EOFException | SocketException x) {
            return; // the other side left; scripts that care catch it themselves
        } catch (Exception | AssertionError x) {
            if (!closed) {
                failures.add(x);
            }
        } finally {
            open.remove(socket);
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Stops, and fails if a script did. */
    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError("The local service's script failed.");
            failures.forEach(error::addSuppressed);
            throw error;
        }
    }
}
