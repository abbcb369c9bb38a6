package io.culvert.tunnel.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between agent and relay, and cuts connections on demand. */
final class Forwarder implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;

    private record Pair(Socket near, Socket far) {
        void cut() {
            reset(near);
            reset(far);
        }

        private static void reset(Socket socket) {
            try (socket) {
                socket.setSoLinger(true, 0);
            } catch (IOException closedBefore) {
                // nothing is left to reset
            }
        }
    }

    private Forwarder(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    static Forwarder to(int port) throws IOException {
        return new Forwarder(port);
    }

    URI relay() {
        return URI.create("ws://127.0.0.1:" + listener.getLocalPort());
    }

    /** Resets the oldest connection that stands: the control channel, as agents dial that first. */
    void cutOldest() {
        pairs.remove(0).cut();
    }

    /** Resets every connection and lets none through until {@link #restore}. */
    void cutAll() {
        refusing = true;
        pairs.forEach(Pair::cut);
        pairs.clear();
    }

    void restore() {
        refusing = false;
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                if (refusing || !forward(near)) {
                    near.close();
                }
            }
        } catch (IOException closed) {
            pairs.forEach(Pair::cut);
        }
    }

    private boolean forward(Socket near) throws IOException {
        Socket far;
        try {
            far = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException nobodyThere) {
            return false;
        }
        Pair pair = new Pair(near, far);
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        pairs.add(pair);
        daemon(() -> copy(near, far));
        daemon(() -> copy(far, near));
        return true;
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException reset) {
            new Pair(from, to).cut();
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
