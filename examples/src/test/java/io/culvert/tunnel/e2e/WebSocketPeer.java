package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** One end of a WebSocket, which records what it hears; an echo also sends it back. Jetty wants it public. */
public class WebSocketPeer extends Session.Listener.AbstractAutoDemanding {
    private static final long PATIENCE_SECONDS = 30;

    private final boolean echo;
    private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Closed> closed = new CompletableFuture<>();
    private final CompletableFuture<Session> opened = new CompletableFuture<>();

    WebSocketPeer(boolean echo) {
        this.echo = echo;
    }

    /** How the WebSocket ended. */
    public record Closed(int code, String reason) {}

    /** A pong's payload. */
    public record Pong(String payload) {}

    /** A piece of a fragmented message. */
    public record Fragment(String text, boolean last) {}

    final void heard(Object message) {
        messages.add(message);
    }

    /** The next message: a String, a ByteBuffer, one of the records, or the error that came instead. */
    Object next() throws InterruptedException {
        Object message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message).as("the next message").isNotNull();
        return message;
    }

    Closed closed() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Session session() throws Exception {
        return opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void onWebSocketOpen(Session session) {
        super.onWebSocketOpen(session);
        opened.complete(session);
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
        heard(new Pong(java.nio.charset.StandardCharsets.UTF_8.decode(payload).toString()));
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        heard(cause);
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        closed.complete(new Closed(code, reason));
        callback.succeed();
    }

    /** Takes each message whole. */
    public static final class Whole extends WebSocketPeer {
        Whole(boolean echo) {
            super(echo);
        }

        @Override
        public void onWebSocketText(String message) {
            if (isEcho()) {
                getSession().sendText(message, Callback.NOOP);
            } else {
                heard(message);
            }
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            if (isEcho()) {
                getSession().sendBinary(payload, callback);
            } else {
                heard(ByteBuffer.allocate(payload.remaining()).put(payload).flip());
                callback.succeed();
            }
        }
    }

    /** Takes text as it is fragmented. */
    public static final class Fragmented extends WebSocketPeer {
        Fragmented(boolean echo) {
            super(echo);
        }

        @Override
        public void onWebSocketPartialText(String payload, boolean last) {
            heard(new Fragment(payload, last));
            if (isEcho()) {
                getSession().sendPartialText(payload, last, Callback.NOOP);
            }
        }
    }

    final boolean isEcho() {
        return echo;
    }
}
