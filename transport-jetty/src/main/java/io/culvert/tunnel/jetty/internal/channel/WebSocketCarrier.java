package io.culvert.tunnel.jetty.internal.channel;

import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.jetty.internal.io.Resets;
import io.culvert.tunnel.spi.Completion;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Frame;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.eclipse.jetty.websocket.common.WebSocketSession;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.exception.CloseException;
import org.jspecify.annotations.Nullable;

/**
 * A control channel's WebSocket, on either side. Works on frames, so that text stays UTF-8 from the wire to the message codec: a message
 * in one frame is not copied, one in several is assembled up to the limit.
 */
public final class WebSocketCarrier implements Carrier, Session.Listener {
    /** The longest message in bytes; a longer one ends the channel with 1009. */
    public static final int MAX_MESSAGE_BYTES = 256 * 1024;

    private static final int INPUT_BUFFER_BYTES = 64 * 1024;

    /** How long a peer may stay silent after our close frame. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    /** What a peer may still send after our close frame. */
    private static final int DISCARDED_BYTES = 4 * MAX_MESSAGE_BYTES;

    private final Function<Carrier, Carrier.Listener> listenerOf;
    private final Utf8Check utf8 = new Utf8Check();
    private final AtomicBoolean closing = new AtomicBoolean();

    /** Set once, before any other callback and before the carrier is handed out. */
    private volatile @Nullable Session session;

    /** Set once, before any message is asked for; written under this. */
    private volatile Carrier.@Nullable Listener listener;

    /** How the WebSocket ended while the listener was being made; guarded by this. */
    private @Nullable Ended endedBefore;

    /** Fragments so far. Used by the reading thread only, as the next. */
    private @Nullable ByteBuffer assembled;

    private int discarded;

    /** Written before the end is told of. */
    private volatile @Nullable Throwable failure;

    /** A carrier that tells the listener which the function makes when the WebSocket stands. */
    public WebSocketCarrier(Function<Carrier, Carrier.Listener> listenerOf) {
        this.listenerOf = listenerOf;
    }

    @Override
    public void send(ByteBuffer utf8Text, Completion completion) {
        CoreSession core = core();
        if (core == null) {
            completion.failed(new EOFException("the control channel is not open"));
            return;
        }
        core.sendFrame(
                new org.eclipse.jetty.websocket.core.Frame(OpCode.TEXT, utf8Text),
                org.eclipse.jetty.util.Callback.from(completion::succeeded, completion::failed),
                false);
    }

    @Override
    public void close(int code, String reason) {
        Session open = session;
        if (open != null && closing.compareAndSet(false, true)) {
            open.close(code, reason, Callback.NOOP);
            // Not before: a channel that was silent for longer would be closed at once, with Jetty's own code.
            open.setIdleTimeout(CLOSE_TIMEOUT);
        }
    }

    @Override
    public void abort() {
        closing.set(true);
        if (core() instanceof WebSocketCoreSession core) {
            Resets.abort(core.getConnection().getEndPoint(), new EofException("control channel aborted"));
        }
    }

    private @Nullable CoreSession core() {
        return session instanceof WebSocketSession s ? s.getCoreSession() : null;
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        opened.setIdleTimeout(Duration.ZERO);
        opened.setAutoFragment(false);
        opened.setMaxFrameSize(MAX_MESSAGE_BYTES);
        opened.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
        opened.setInputBufferSize(INPUT_BUFFER_BYTES);
        session = opened;
        if (core() instanceof WebSocketCoreSession core) {
            core.getConnection()
                    .setUseInputDirectByteBuffers(false); // or the codec, which reads arrays, copies each message
            Resets.raw(core.getConnection().getEndPoint()).ifPresent(raw -> {
                raw.lingerOnClose();
                // Who says farewell and goes at once may be gone when an answer is written.
                raw.readOnAfterFailedWrites();
                raw.neverBlocks();
            });
        }
        Carrier.Listener made = listenerOf.apply(this);
        Ended before;
        synchronized (this) {
            listener = made;
            before = endedBefore;
        }
        if (before == null) {
            opened.demand();
        } else {
            made.onClosed(before.code, before.reason, failure);
        }
    }

    @Override
    public void onWebSocketFrame(Frame frame, Callback callback) {
        switch (frame.getType()) {
            case TEXT, CONTINUATION -> onText(frame, callback);
            case BINARY ->
                callback.fail(new CloseException(StatusCode.BAD_DATA, "binary messages have no meaning here"));
            case PING -> onPing(frame, callback);
            case PONG -> next(callback);
            case CLOSE -> callback.succeed();
        }
    }

    private void onText(Frame frame, Callback callback) {
        ByteBuffer payload = frame.hasPayload() ? frame.getPayload() : BufferUtil.EMPTY_BUFFER;
        if (closing.get()) {
            discarded += payload.remaining();
            if (discarded > DISCARDED_BYTES) {
                abort();
            }
            next(callback);
            return;
        }
        ByteBuffer before = assembled;
        int total = payload.remaining() + (before == null ? 0 : before.position());
        if (total > MAX_MESSAGE_BYTES) {
            callback.fail(new CloseException(
                    StatusCode.MESSAGE_TOO_LARGE, "a message has at most " + MAX_MESSAGE_BYTES + " bytes"));
            return;
        }
        if (!frame.isFin()) {
            assembled = append(before, payload);
            next(callback);
            return;
        }
        assembled = null;
        ByteBuffer message = before == null ? payload : append(before, payload).flip();
        if (!utf8.isValid(message)) {
            callback.fail(new CloseException(StatusCode.BAD_PAYLOAD, "a message is not valid UTF-8"));
            return;
        }
        Carrier.Listener told = listener;
        if (told != null) {
            told.onMessage(message);
        }
        next(callback);
    }

    private static ByteBuffer append(@Nullable ByteBuffer before, ByteBuffer payload) {
        ByteBuffer target = before;
        if (target == null) {
            target = ByteBuffer.allocate(Math.max(1024, 2 * payload.remaining()));
        } else if (target.remaining() < payload.remaining()) {
            int needed = target.position() + payload.remaining();
            target =
                    ByteBuffer.allocate(Math.min(MAX_MESSAGE_BYTES, 2 * needed)).put(target.flip());
        }
        return target.put(payload);
    }

    /** The next frame is asked for when the pong has left, so pings cannot pile up. */
    private void onPing(Frame frame, Callback callback) {
        Session open = session;
        ByteBuffer payload = frame.hasPayload() ? BufferUtil.copy(frame.getPayload()) : BufferUtil.EMPTY_BUFFER;
        if (open != null) {
            open.sendPong(payload, Callback.from(() -> next(callback), x -> next(callback)));
        }
    }

    private void next(Callback callback) {
        callback.succeed();
        Session open = session;
        if (open != null) {
            open.demand();
        }
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        failure = cause;
    }

    @Override
    public void onWebSocketClose(int code, @Nullable String reason, Callback callback) {
        closing.set(true);
        try {
            Ended ended = new Ended(code, reason == null ? "" : reason);
            Carrier.Listener told;
            synchronized (this) {
                told = listener;
                if (told == null) {
                    endedBefore = ended;
                }
            }
            if (told != null) {
                told.onClosed(ended.code, ended.reason, failure);
            }
        } finally {
            callback.succeed();
        }
    }

    private record Ended(int code, String reason) {}
}
