package io.culvert.tunnel.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;

/** A local service that answers each request with its own head, and hands over the connections of those that ask for an upgrade. */
final class UpgradingOrigin implements AutoCloseable {
    private final ServerSocket listener;
    private final BlockingQueue<Socket> upgraded = new LinkedBlockingQueue<>();

    UpgradingOrigin() throws IOException {
        this(ServerSocketFactory.getDefault());
    }

    /** One that speaks what the factory's sockets speak. */
    UpgradingOrigin(ServerSocketFactory sockets) throws IOException {
        listener = sockets.createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start("accept", () -> {
            while (true) {
                Socket socket = listener.accept();
                start("serve", () -> serve(socket));
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void start(String what, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException x) {
                        return; // closed by the test or by the peer, which the test sees for itself
                    }
                },
                "upgrading-origin-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        while (true) {
            String head = readHead(socket.getInputStream());
            if (head.contains("Upgrade: websocket")) {
                write(socket, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                upgraded.add(socket);
                return;
            }
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
        }
    }

    static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("the connection ended in a head: " + head);
            }
            head.append((char) b);
        }
        return head.toString();
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    static String read(Socket socket, int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The connection upgraded next. */
    Socket upgraded() throws InterruptedException {
        Socket socket = upgraded.poll(20, TimeUnit.SECONDS);
        if (socket == null) {
            throw new AssertionError("no upgrade came");
        }
        return socket;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
