package io.culvert.tunnel.cli.probe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;

/** A visitor's WebSocket to the probe's echo, for one thread. Public because Jetty calls it. */
public final class EchoSocket extends Session.Listener.AbstractAutoDemanding implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    /** Completed by the client's thread; replaced before each message. */
    private volatile CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();

    EchoSocket() {}

    /**
     * Sends a message and waits for it to come back.
     *
     * @return the time it took, in nanoseconds
     * @throws IOException if it does not come back as it was
     */
    public long roundTrip(ByteBuffer message) throws IOException, InterruptedException {
        CompletableFuture<ByteBuffer> next = new CompletableFuture<>();
        answer = next;
        long start = System.nanoTime();
        getSession().sendBinary(message.slice(), Callback.from(() -> {}, next::completeExceptionally));
        ByteBuffer heard;
        try {
            heard = next.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException x) {
            throw new IOException("the WebSocket broke: " + x.getCause().getMessage(), x.getCause());
        } catch (TimeoutException x) {
            throw new IOException("the WebSocket was silent for " + PATIENCE_SECONDS + " s", x);
        }
        long nanos = System.nanoTime() - start;
        if (!heard.equals(message)) {
            throw new IOException("a WebSocket message came back changed");
        }
        return nanos;
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
        callback.succeed();
        answer.complete(copy);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        answer.completeExceptionally(new IOException("closed with " + code + " " + reason));
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        answer.completeExceptionally(cause);
    }

    @Override
    public void close() {
        getSession().close(StatusCode.NORMAL, null, Callback.NOOP);
    }
}
