package io.culvert.tunnel.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** An HTTP proxy that knows CONNECT only, and takes every host for this machine. */
final class ConnectProxy implements AutoCloseable {
    final List<String> targets = new CopyOnWriteArrayList<>();
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final int refusal;
    private final @Nullable String authorization;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** One that answers every CONNECT with that status; 0 for one that connects. */
    ConnectProxy(int refusal) throws IOException {
        this(refusal, null);
    }

    /** One that wants that Proxy-Authorization. */
    ConnectProxy(int refusal, @Nullable String authorization) throws IOException {
        this.refusal = refusal;
        this.authorization = authorization;
        start(() -> {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException x) {
                        return; // one of the peers, or the test, closed it
                    }
                },
                "connect-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket client) throws IOException {
        String head = UpgradingOrigin.readHead(client.getInputStream());
        String target = head.split(" ")[1];
        targets.add(target);
        int status = refusal;
        if (!head.startsWith("CONNECT ")) {
            status = 405;
        } else if (authorization != null && !head.contains("Proxy-Authorization: " + authorization + "\r\n")) {
            status = 407;
        }
        if (status != 0) {
            UpgradingOrigin.write(client, "HTTP/1.1 " + status + " No\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        Socket relay = new Socket("127.0.0.1", Integer.parseInt(target.substring(target.lastIndexOf(':') + 1)));
        sockets.add(relay);
        UpgradingOrigin.write(client, "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n");
        start(() -> copy(client, relay));
        copy(relay, client);
    }

    private static void copy(Socket from, Socket to) throws IOException {
        InputStream in = from.getInputStream();
        in.transferTo(to.getOutputStream());
        to.shutdownOutput();
    }

    URI address(String userInfo) {
        return URI.create("http://" + userInfo + "127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
