package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.capture.CapturedExchange.State;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import io.culvert.tunnel.core.net.StreamDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one stream: requests going up and answers coming down, in the same order, until a 101 makes both directions something else. Not
 * thread-safe.
 */
final class HttpDecoder implements StreamDecoder {
    private static final String WEBSOCKET = "websocket";

    private final CaptureDecoders owner;
    private final String stream;
    private final StreamInfo about;
    private final RequestSide up = new RequestSide(this);
    private final ResponseSide down = new ResponseSide(this);

    /** Requests whose answers are not complete. The first one is being answered. */
    private final Deque<Recorded> open = new ArrayDeque<>();

    /** The request that is coming in, if its end has not. */
    private @Nullable Recorded incoming;

    private @Nullable WebSocketDecoder webSocket;
    private boolean upgraded;
    private boolean over;
    private long now;

    HttpDecoder(CaptureDecoders owner, String stream, StreamInfo about) {
        this.owner = owner;
        this.stream = stream;
        this.about = about;
    }

    @Override
    public void bytes(Direction direction, ByteBuffer bytes, long nanoTime) {
        now = nanoTime;
        if (!over && !upgraded) {
            if (direction == Direction.UP) {
                up.parse(bytes);
            } else {
                down.parse(bytes);
            }
        }
        WebSocketDecoder frames = webSocket;
        if (!over && frames != null && bytes.hasRemaining()) {
            frames.bytes(direction, bytes, now);
        }
    }

    @Override
    public void cut() {
        end(State.CUT, "It came faster than it could be captured.");
    }

    @Override
    public void closed(@Nullable Throwable cause, long nanoTime) {
        now = nanoTime;
        if (cause == null && !over && !upgraded) {
            down.parseEnd();
        }
        if (cause != null) {
            end(State.RESET, String.valueOf(cause.getMessage()));
        } else {
            end(
                    upgraded ? State.COMPLETE : State.RESET,
                    upgraded ? null : "The connection ended before the answer did.");
        }
    }

    /** What follows is not understood. */
    void unreadable(String what) {
        end(State.CUT, what);
    }

    private void end(State state, @Nullable String why) {
        if (over) {
            return;
        }
        over = true;
        for (Recorded exchange : open) {
            finish(exchange, state, why);
        }
        open.clear();
        if (webSocket != null) {
            webSocket.close();
        }
    }

    /** An answer may be over before its request; who heard that it ended hears no more of it. */
    private void tell(Recorded exchange) {
        if (exchange.state() == State.OPEN) {
            owner.changed(exchange);
        }
    }

    private void finish(Recorded exchange, State state, @Nullable String why) {
        if (exchange.finish(state, why, now)) {
            owner.changed(exchange);
        }
    }

    // What the request's side finds.

    void requestHead(CapturedRequest head) {
        Recorded exchange = new Recorded(owner.nextNumber(), stream, about, head, owner.maxBodyBytes(), now);
        incoming = exchange;
        open.add(exchange);
        owner.changed(exchange);
    }

    void requestBody(ByteBuffer bytes) {
        Recorded exchange = incoming;
        if (exchange != null) {
            exchange.request(body -> body.add(bytes));
            tell(exchange);
        }
    }

    void requestTrailer(CapturedField field) {
        Recorded exchange = incoming;
        if (exchange != null) {
            exchange.request(body -> body.trailer(field));
        }
    }

    void requestEnd() {
        Recorded exchange = incoming;
        incoming = null;
        if (exchange != null) {
            exchange.requestEnded(now);
            tell(exchange);
        }
    }

    // What the answer's side finds.

    /** Whether the next answer has no body whatever its head says (RFC 9110, section 9.3.2). */
    boolean answersHead() {
        Recorded exchange = open.peek();
        return exchange != null && exchange.request().method().equals("HEAD");
    }

    void responseHead(CapturedResponse head) {
        Recorded exchange = open.peek();
        if (exchange == null) {
            unreadable("An answer came that nobody asked for.");
            return;
        }
        exchange.answered(head, now);
        if (head.status() == HttpStatus.SWITCHING_PROTOCOLS_101) {
            upgraded = true;
            if (head.field("Upgrade").filter(WEBSOCKET::equalsIgnoreCase).isPresent()) {
                webSocket = new WebSocketDecoder(
                        head.field("Sec-WebSocket-Extensions"),
                        owner.maxBodyBytes(),
                        message -> {
                            exchange.message(message);
                            owner.changed(exchange);
                        },
                        exchange::since);
            }
        }
        owner.changed(exchange);
    }

    boolean isUpgraded() {
        return upgraded;
    }

    void responseBody(ByteBuffer bytes) {
        Recorded exchange = open.peek();
        if (exchange != null) {
            exchange.response(body -> body.add(bytes));
            owner.changed(exchange);
        }
    }

    void responseTrailer(CapturedField field) {
        Recorded exchange = open.peek();
        if (exchange != null) {
            exchange.response(body -> body.trailer(field));
        }
    }

    void responseEnd() {
        Recorded exchange = open.poll();
        if (exchange != null) {
            finish(exchange, State.COMPLETE, null);
        }
    }
}
