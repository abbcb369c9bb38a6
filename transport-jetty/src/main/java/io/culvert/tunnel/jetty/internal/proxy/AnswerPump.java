package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.jetty.internal.io.CopyBuffers;
import io.culvert.tunnel.jetty.internal.io.Resets;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers from a stream and writes them to the visitor. One buffer: it is read into again only after the visitor took what it held,
 * so a slow visitor slows the local service down. None is held while nothing is to be read. Everything but {@link #begin} happens
 * in turns of the callback.
 */
final class AnswerPump extends IteratingCallback {
    private static final int BUFFER_BYTES = 16 * 1024;

    /** How often it reads before other connections of the same selector have their turn. */
    private static final int READS = 16;

    private final UpstreamConnection connection;
    private final ByteBufferPool pool;
    private final AnswerParser parser = new AnswerParser();

    private @Nullable RetainableByteBuffer buffer;
    private int bufferBytes = BUFFER_BYTES;

    /** Read, but not on the meter yet. */
    private long uncounted;

    /** Parsed, but not written yet. */
    private @Nullable ByteBuffer content;

    private volatile boolean headParsed;
    private boolean headWritten;
    private boolean allParsed;
    private boolean lastWritten;
    private int reads;

    /** Whether time runs until more of the answer comes. */
    private boolean paused;

    private volatile boolean answered;
    private volatile boolean stale;

    /** Set where the stream failed, not the visitor. */
    private boolean streamFailed;

    AnswerPump(UpstreamConnection connection, ByteBufferPool pool) {
        this.connection = connection;
        this.pool = pool;
    }

    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    /** Prepares for an exchange. Not while another one is going on. */
    void begin(Exchange exchange) {
        parser.begin(exchange.visitor().isHead());
        content = null;
        headParsed = false;
        headWritten = false;
        allParsed = false;
        lastWritten = false;
        answered = false;
        paused = false;
    }

    boolean hasAnswer() {
        return answered;
    }

    /** Whether the head of the final answer has come. */
    boolean hasHead() {
        return headParsed;
    }

    /** Whether bytes or the end came while nobody waited for them. */
    boolean isStale() {
        return stale;
    }

    /** Bytes that someone else read from the stream already. They count as read now. */
    void early(ByteBuffer bytes) {
        RetainableByteBuffer acquired =
                CopyBuffers.PROCESS.acquireAtLeast(pool, Math.max(bytes.remaining(), BUFFER_BYTES));
        BufferUtil.append(acquired.getByteBuffer(), bytes);
        uncounted += acquired.remaining();
        buffer = acquired;
    }

    /** What was read past a 101. It is not counted: that is up to who takes it. */
    @Nullable
    ByteBuffer takeUnread() {
        RetainableByteBuffer held = buffer;
        if (held == null || !held.hasRemaining()) {
            return null;
        }
        ByteBuffer taken = BufferUtil.copy(held.getByteBuffer());
        uncounted -= taken.remaining();
        held.clear();
        return taken;
    }

    @Override
    protected Action process() throws IOException {
        Exchange exchange = connection.exchange();
        try {
            return exchange == null ? idle() : answer(exchange);
        } catch (IOException | RuntimeException x) {
            streamFailed = true;
            throw x;
        }
    }

    private Action idle() throws IOException {
        int filled = fill();
        if (filled == 0) {
            release();
            connection.awaitInput();
            return Action.IDLE;
        }
        stale = true;
        release();
        if (connection.closeIfWaiting()) {
            return Action.SUCCEEDED;
        }
        Exchange exchange = connection.exchange(); // it began after this turn did
        if (exchange != null) {
            throw new EofException("the local service ended the connection");
        }
        return Action.IDLE; // whoever took the stream sees that it is stale
    }

    private Action answer(Exchange exchange) throws IOException {
        while (true) {
            if (lastWritten) {
                return complete(exchange);
            }
            if (allParsed) {
                // Jetty would tell the length of a body that is written at once; here it is not the body's.
                boolean headAlone = !headWritten && exchange.visitor().hasUntoldLength();
                return write(exchange, !headAlone, BufferUtil.EMPTY_BUFFER);
            }
            AnswerParser.Event event = parser.next(input());
            ByteBuffer pending = content;
            if (pending != null) {
                content = event == AnswerParser.Event.CONTENT ? parser.takeContent() : null;
                return write(exchange, event == AnswerParser.Event.COMPLETE, pending);
            }
            switch (event) {
                case HEAD -> {
                    if (head(exchange)) {
                        return Action.SCHEDULED;
                    }
                    if (connection.exchange() != exchange) {
                        return Action.SUCCEEDED; // handed over, or failed meanwhile
                    }
                }
                case CONTENT -> content = parser.takeContent();
                case COMPLETE -> allParsed = true;
                case NEED_INPUT -> {
                    Action action = read(exchange);
                    if (action != null) {
                        return action;
                    }
                }
            }
        }
    }

    /** Reads once. Null if there is something to parse. */
    private @Nullable Action read(Exchange exchange) throws IOException {
        int filled = ++reads > READS ? 0 : fill();
        if (filled < 0) {
            parser.atEnd();
            return null;
        }
        if (filled > 0) {
            answered = true;
            if (paused) {
                paused = false;
                connection.pauseClock();
            }
            return null;
        }
        if (headParsed && !headWritten) {
            return write(exchange, false, BufferUtil.EMPTY_BUFFER); // the visitor need not wait for the body
        }
        reads = 0;
        count();
        release();
        if (headParsed) {
            paused = true;
            connection.awaitAnswer();
        } else {
            connection.awaitInput();
        }
        return Action.IDLE;
    }

    private int fill() throws IOException {
        RetainableByteBuffer held = buffer;
        if (held != null && held.capacity() < bufferBytes) {
            release();
            held = null;
        }
        if (held == null) {
            held = CopyBuffers.PROCESS.acquire(pool, bufferBytes);
            buffer = held;
        }
        int filled = Resets.fill(connection.getEndPoint(), held.getByteBuffer());
        if (filled > 0) {
            uncounted += filled;
            bufferBytes =
                    filled >= BUFFER_BYTES ? CopyBuffers.LARGEST : BUFFER_BYTES; // for bodies that fill the smaller one
        }
        return filled;
    }

    private ByteBuffer input() {
        RetainableByteBuffer held = buffer;
        return held == null ? BufferUtil.EMPTY_BUFFER : held.getByteBuffer();
    }

    /** A head was parsed. True if this callback is called when the pump may go on. */
    private boolean head(Exchange exchange) throws IOException {
        answered = true;
        if (parser.isInterim()) {
            return exchange.interim(parser.status(), parser.fields(), this);
        }
        if (parser.status() == HttpStatus.SWITCHING_PROTOCOLS_101) {
            exchange.upgraded(connection, parser.fields());
            count();
            return false;
        }
        headParsed = true;
        connection.pauseClock();
        exchange.visitor().head(parser);
        return false;
    }

    private Action write(Exchange exchange, boolean last, ByteBuffer bytes) {
        count();
        headWritten = true;
        if (last) {
            lastWritten = true;
            exchange.answering();
        }
        exchange.visitor().write(last, bytes, this);
        return Action.SCHEDULED;
    }

    private Action complete(Exchange exchange) {
        boolean reusable = parser.isPersistent() && !input().hasRemaining();
        release();
        reads = 0;
        if (connection.leave(exchange)) {
            exchange.answered(connection, reusable);
        }
        return Action.IDLE;
    }

    private void count() {
        connection.meter().bytes(Direction.DOWN, uncounted);
        uncounted = 0;
    }

    private void release() {
        buffer = CopyBuffers.PROCESS.release(buffer);
    }

    @Override
    protected void onCompleteSuccess() {
        count();
        release();
        connection.answersEnded();
    }

    @Override
    protected void onAborted(Throwable cause) {
        streamFailed = true;
        Exchange exchange = connection.failedExchange();
        if (exchange != null) {
            exchange.answerAborted(cause);
        }
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        count();
        release();
        connection.answersFailed(cause, !streamFailed);
    }
}
