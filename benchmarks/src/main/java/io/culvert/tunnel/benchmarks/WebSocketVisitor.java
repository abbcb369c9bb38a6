package io.culvert.tunnel.benchmarks;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/** A visitor with one WebSocket, on Jetty's client. For one thread. */
final class WebSocketVisitor {
    private static final long PATIENCE_SECONDS = 30;

    private final WebSocketClient client;
    private final Receiver receiver = new Receiver();
    private final Session session;

    WebSocketVisitor(URI address) throws Exception {
        QueuedThreadPool threads = new QueuedThreadPool(8);
        threads.setDaemon(true);
        threads.setName("visitor-websocket");
        HttpClient http = new HttpClient();
        http.setName("visitor-websocket");
        http.setExecutor(threads);
        client = new WebSocketClient(http);
        client.start();
        session = client.connect(receiver, address).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Sends a binary message and waits for one of the same size. */
    int echo(ByteBuffer message) throws Exception {
        receiver.expect(1);
        session.sendBinary(message, Callback.from(() -> {}, receiver::fail));
        int size = receiver.await();
        if (size != message.limit()) {
            throw new IllegalStateException("Sent " + message.limit() + " bytes, " + size + " came back.");
        }
        return size;
    }

    /** Asks for messages and waits until all are there; returns the bytes received. */
    int pull(int count, int size) throws Exception {
        receiver.expect(count);
        session.sendText(count + " " + size, Callback.from(() -> {}, receiver::fail));
        int received = receiver.await();
        if (received != count * size) {
            throw new IllegalStateException("Asked for " + count * size + " bytes, got " + received + ".");
        }
        return received;
    }

    /** The closing handshake, then the client. */
    void close() throws Exception {
        session.close(StatusCode.NORMAL, null, Callback.NOOP);
        int status = receiver.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        client.stop();
        threadsStop();
        if (status != StatusCode.NORMAL) {
            throw new IllegalStateException(
                    "The WebSocket was closed with " + status + ", not " + StatusCode.NORMAL + ".");
        }
    }

    private void threadsStop() throws Exception {
        ((QueuedThreadPool) client.getHttpClient().getExecutor()).stop();
    }

    /** Counts messages on Jetty's threads. The order of the calls hands its fields from thread to thread. */
    public static final class Receiver extends Session.Listener.AbstractAutoDemanding {
        /** What ends the wait: the bytes received, or why no more come. */
        private final BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();

        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private volatile int expected;
        private int bytes;

        void expect(int messages) {
            bytes = 0;
            expected = messages;
        }

        int await() throws Exception {
            Object result = outcome.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (result instanceof Integer count) {
                return count;
            }
            throw new IllegalStateException(
                    result == null
                            ? expected + " messages did not come within " + PATIENCE_SECONDS + " s."
                            : "The WebSocket ended before its time.",
                    (Throwable) result);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            bytes += payload.remaining();
            int left = expected - 1;
            expected = left;
            callback.succeed();
            if (left == 0) {
                outcome.add(bytes);
            }
        }

        @Override
        public void onWebSocketError(Throwable cause) {
            fail(cause);
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            callback.succeed();
            closed.complete(statusCode);
            fail(new IllegalStateException("Closed with " + statusCode + " " + reason));
        }

        private void fail(Throwable cause) {
            outcome.add(cause);
        }
    }
}
