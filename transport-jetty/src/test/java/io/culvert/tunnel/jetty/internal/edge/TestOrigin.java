package io.culvert.tunnel.jetty.internal.edge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A local service on raw sockets: what it does on each connection is up to the test. */
final class TestOrigin implements AutoCloseable {
    /** What happens on one connection. Returning closes it. */
    @FunctionalInterface
    interface Script {
        void run(Connection connection) throws Exception;
    }

    private final ServerSocket server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();

    TestOrigin(Script script) throws IOException {
        daemon(() -> accept(script));
    }

    /** Answers every request with the same bytes. */
    static TestOrigin answering(String answer) throws IOException {
        return new TestOrigin(connection -> {
            while (connection.readRequest() != null) {
                connection.send(answer);
            }
        });
    }

    private void accept(Script script) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Connection connection = new Connection(socket);
                connections.add(connection);
                daemon(() -> serve(script, connection));
            } catch (IOException x) {
                if (!server.isClosed()) {
                    failures.add(x);
                }
            }
        }
    }

    private void serve(Script script, Connection connection) {
        try (Socket socket = connection.socket) {
            script.run(connection);
        } catch (Exception x) {
            failures.add(x);
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "test-origin");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    /** The next head that a connection has read. */
    String head() throws InterruptedException {
        String head = heads.poll(10, TimeUnit.SECONDS);
        if (head == null) {
            throw new AssertionError("no request came; failures: " + failures);
        }
        return head;
    }

    boolean hasMoreHeads() {
        return !heads.isEmpty();
    }

    /** The next connection that was accepted. */
    Connection connection() throws InterruptedException {
        Connection connection = connections.poll(10, TimeUnit.SECONDS);
        if (connection == null) {
            throw new AssertionError("no connection came");
        }
        return connection;
    }

    int accepted() {
        return sockets.size();
    }

    Queue<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** One connection from the relay. */
    final class Connection {
        final Socket socket;
        final InputStream in;
        final OutputStream out;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        /** A head up to and with the empty line; null at the end. */
        String readHead() throws IOException {
            String head = Wire.readHead(in);
            if (head != null) {
                heads.add(head);
            }
            return head;
        }

        /** A head; a body with Content-Length or in chunks is read and dropped. Null at the end. */
        String readRequest() throws IOException {
            String head = readHead();
            if (head != null) {
                Wire.readBody(head, in, OutputStream.nullOutputStream());
            }
            return head;
        }

        String readBody(String head) throws IOException {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            Wire.readBody(head, in, body);
            return body.toString(StandardCharsets.ISO_8859_1);
        }

        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /** Ends with a TCP reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
