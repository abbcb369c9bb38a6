package io.culvert.tunnel.e2e.junit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Never finishes anything: {@code /upgrade} becomes a WebSocket, everything else an answer of which only the beginning comes. */
final class HangingApplication implements AutoCloseable {
    private static final String ASKED = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final String UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    private static final String BEGUN = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";

    private final ServerSocket listener;

    HangingApplication() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Sends a request through a tunnel and waits for the first line of the answer. */
    static Socket visit(int port, String path) throws IOException {
        Socket visitor = new Socket(InetAddress.getLoopbackAddress(), port);
        visitor.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + (path.equals("/upgrade") ? ASKED : "") + "\r\n")
                        .getBytes(ISO_8859_1));
        if (new BufferedReader(new InputStreamReader(visitor.getInputStream(), ISO_8859_1)).readLine() == null) {
            throw new IOException("no answer");
        }
        return visitor;
    }

    private void accept() throws IOException {
        while (!listener.isClosed()) {
            Socket connection = listener.accept();
            daemon(() -> serve(connection));
        }
    }

    private static void serve(Socket connection) throws IOException {
        try (connection) {
            BufferedReader in = new BufferedReader(new InputStreamReader(connection.getInputStream(), ISO_8859_1));
            String request = in.readLine();
            while (request != null && !in.readLine().isEmpty()) {
                // the head's other lines
            }
            String answer = request != null && request.contains("/upgrade") ? UPGRADED : BEGUN;
            connection.getOutputStream().write(answer.getBytes(ISO_8859_1));
            while (in.read() >= 0) {
                // until the peer leaves
            }
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException closed) {
                        // by the test
                    }
                },
                "hanging-application");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
