package io.culvert.tunnel.jetty.internal.proxy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.Retainable;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request with a body: what the visitor has sent is written to the stream, then more is asked for; so a slow local service slows
 * the visitor down. Once the exchange does not want the body any more it is read and dropped, as a visitor that still sends would not
 * read the answer.
 */
final class RequestPump extends IteratingCallback {
    /** Fits the trailers of every request that the edge accepts. */
    private static final int TRAILER_BYTES = 20 * 1024;

    /** A line end, 16 digits, a line end. */
    private static final int CHUNK_BYTES = 20;

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Exchange exchange;
    private final Request request;
    private final UpstreamConnection connection;
    private final ByteBufferPool pool;
    private final boolean chunked;
    private final Runnable readable = Invocable.from(InvocationType.NON_BLOCKING, this::succeeded);
    private final Callback written = Callback.from(InvocationType.NON_BLOCKING, this::succeeded, this::notWritten);

    /** Not sent yet. */
    private @Nullable RetainableByteBuffer head;

    /** What goes around the body's parts. */
    private @Nullable RetainableByteBuffer framing;

    private Content.@Nullable Chunk chunk;
    private Content.@Nullable Chunk next;
    private boolean chunkOpen;
    private long bodyBytes;
    private boolean bodyRead;
    private boolean waits;

    /** Whether to wait until {@link #proceed} before reading the body. */
    private volatile boolean held;

    private volatile boolean dropping;

    /** The body's end is read and on its way. */
    private volatile boolean ending;

    RequestPump(Exchange exchange, UpstreamConnection connection, RetainableByteBuffer head, ByteBufferPool pool) {
        this.exchange = exchange;
        this.request = exchange.visitor().request();
        this.connection = connection;
        this.head = head;
        this.pool = pool;
        this.chunked = RequestHead.isChunked(request);
        this.held = RequestHead.expectsContinue(request);
    }

    /** Whether the visitor was not asked for the body. */
    boolean isHeld() {
        return held;
    }

    /** Whether the last bytes are read and about to be sent. */
    boolean isEnding() {
        return ending;
    }

    /** Reads the body, which makes Jetty tell the visitor to send it. */
    void proceed() {
        if (held && !dropping) {
            held = false;
            iterate();
        }
    }

    /** Sends nothing more; reads on to the body's end. */
    void drop() {
        dropping = true;
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    @Override
    protected Action process() throws Exception {
        if (bodyRead) {
            return Action.SUCCEEDED;
        }
        if (held) {
            return head == null ? Action.IDLE : write();
        }
        Content.Chunk read = next != null ? next : request.read();
        next = null;
        if (read == null) {
            if (head != null) {
                return write();
            }
            if (!dropping) {
                connection.pauseClock();
            }
            waits = true;
            request.demand(readable);
            return Action.SCHEDULED;
        }
        if (Content.Chunk.isFailure(read)) {
            dropping = true;
            exchange.bodyFailed(read.getFailure());
            return Action.SUCCEEDED;
        }
        chunk = read;
        bodyBytes += read.remaining();
        if (bodyBytes > exchange.bodyBytes() && !dropping) {
            dropping = true;
            exchange.bodyTooLarge();
        }
        if (read.isLast()) {
            ending = true;
            if (chunked && read.hasRemaining()) {
                next = Content.Chunk.EOF; // a body in chunks ends with one without content
            } else {
                bodyRead = true;
            }
        }
        return write();
    }

    /** The stream failed. Whoever reads its other direction learns why; the visitor may go on sending. */
    private void notWritten(Throwable cause) {
        dropping = true;
        exchange.requestNotWritten(connection, cause);
        succeeded();
    }

    private Action write() {
        if (dropping) {
            succeeded();
            return Action.SCHEDULED;
        }
        ByteBuffer body = chunk == null ? BufferUtil.EMPTY_BUFFER : chunk.getByteBuffer();
        ByteBuffer before = BufferUtil.EMPTY_BUFFER;
        if (chunked && chunk != null) {
            before = frame(body.remaining());
        }
        RetainableByteBuffer first = head;
        if (first == null && !before.hasRemaining() && !body.hasRemaining()) {
            succeeded();
            return Action.SCHEDULED;
        }
        connection.startClock();
        if (first == null) {
            connection.write(written, before, body);
        } else {
            connection.write(written, first.getByteBuffer(), before, body);
        }
        return Action.SCHEDULED;
    }

    /** What goes before a part of the body, and behind the last one (RFC 9112, section 7.1). */
    private ByteBuffer frame(int length) {
        HttpFields trailers = bodyRead ? request.getTrailers() : null;
        framing = pool.acquire(trailers == null ? CHUNK_BYTES : TRAILER_BYTES, true);
        ByteBuffer target = framing.getByteBuffer();
        BufferUtil.clearToFill(target);
        if (chunkOpen) {
            target.put(CRLF);
            chunkOpen = false;
        }
        if (length > 0) {
            BufferUtil.putHexInt(target, length);
            target.put(CRLF);
            chunkOpen = true;
        } else if (bodyRead) {
            target.put(LAST_CHUNK);
            if (trailers != null) {
                for (HttpField field : trailers) {
                    if (HopByHop.allowedInTrailers(field)) {
                        HttpGenerator.putTo(field, target);
                    }
                }
            }
            target.put(CRLF);
        }
        BufferUtil.flipToFlush(target, 0);
        return target;
    }

    @Override
    protected void onSuccess() {
        if (waits) {
            waits = false;
            return;
        }
        release();
    }

    private void release() {
        head = Retainable.release(head);
        framing = Retainable.release(framing);
        chunk = release(chunk);
    }

    private static Content.@Nullable Chunk release(Content.@Nullable Chunk chunk) {
        if (chunk != null) {
            chunk.release();
        }
        return null;
    }

    @Override
    protected void onCompleteSuccess() {
        release();
        exchange.requestOver(connection, bodyRead);
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        release();
        exchange.requestOver(connection, false);
    }
}
