package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.jetty.internal.io.Resets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/** Sends the head of a request and reads the head of the answer. What came behind that stays for whoever is next. */
abstract class HeadConnection extends AbstractConnection.NonBlocking implements HttpParser.ResponseHandler {
    private static final int MAX_HEAD_BYTES = 8 * 1024;

    private final ByteBuffer head;
    private final CompletableFuture<?> result;
    private final BiConsumer<String, @Nullable Throwable> onFailure;
    private final HttpParser parser = new HttpParser(this, MAX_HEAD_BYTES);

    /** Used by one thread at a time, as all below. */
    private final ByteBuffer buffer = BufferUtil.allocate(1024);

    private int status;
    private boolean complete;
    private @Nullable Throwable malformed;

    /**
     * A connection that has not sent anything.
     *
     * @param head the request
     * @param result of the whole dial, whose failure ends the connection
     * @param onFailure told what the peer did wrong, in words that go on a sentence
     */
    HeadConnection(
            EndPoint endPoint,
            ClientConnector connector,
            ByteBuffer head,
            CompletableFuture<?> result,
            BiConsumer<String, @Nullable Throwable> onFailure) {
        super(endPoint, connector.getExecutor());
        this.head = head;
        this.result = result;
        this.onFailure = onFailure;
    }

    /** The answer's head is there, and not an interim one (RFC 9110, section 15.2). Nothing more is read here. */
    abstract void onAnswer(int answered) throws IOException;

    final void fail(String what, @Nullable Throwable cause) {
        onFailure.accept(what, cause);
    }

    /** What came behind the head. */
    final ByteBuffer behind() {
        return buffer;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        result.whenComplete((done, failure) -> {
            if (failure != null) {
                Resets.abort(getEndPoint(), failure);
            }
        });
        if (getEndPoint() instanceof SslEndPoint tls) {
            tls.getSslConnection().addHandshakeListener(new SslHandshakeListener() {
                @Override
                public void handshakeFailed(Event event, Throwable failure) {
                    fail("closed the connection", failure); // before it closes, which by itself says less
                }
            });
        }
        Callback sent = Callback.from(
                Invocable.InvocationType.NON_BLOCKING, this::fillInterested, x -> fail("closed the connection", x));
        getEndPoint().write(sent, head);
    }

    @Override
    public void onFillable() {
        try {
            while (true) {
                while (BufferUtil.hasContent(buffer) && (parse() || malformed != null)) {
                    if (isAnswered()) {
                        return;
                    }
                }
                int filled = Resets.fill(getEndPoint(), buffer);
                if (filled < 0) {
                    fail("closed the connection", new EofException("closed before the answer"));
                    return;
                }
                if (filled == 0) {
                    fillInterested();
                    return;
                }
            }
        } catch (IOException x) {
            fail("closed the connection", x);
        }
    }

    private boolean parse() {
        try {
            return parser.parseNext(buffer);
        } catch (AssertionError x) { // Jetty asserts that what it calls bad has a status that says so
            malformed = x;
            return true;
        }
    }

    private boolean isAnswered() throws IOException {
        if (malformed != null) {
            fail("gave an answer that is not HTTP", malformed);
        } else if (!complete) {
            return false;
        } else if (status < 200 && status != 101) {
            parser.reset();
            complete = false;
            return false;
        } else {
            onAnswer(status);
        }
        return true;
    }

    @Override
    public void onFillInterestedFailed(Throwable cause) {
        fail("closed the connection", cause);
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        super.onClose(cause);
        if (!complete) {
            fail("closed the connection", cause);
        }
    }

    @Override
    public void startResponse(HttpVersion version, int answered, String reason) {
        status = answered;
    }

    @Override
    public void parsedHeader(HttpField field) {
        // Most fields say nothing that matters here.
    }

    @Override
    public boolean headerComplete() {
        complete = true;
        return true;
    }

    @Override
    public boolean content(ByteBuffer content) {
        return true;
    }

    @Override
    public boolean contentComplete() {
        return false;
    }

    @Override
    public boolean messageComplete() {
        return true;
    }

    @Override
    public void earlyEOF() {
        malformed = new EofException("the answer ended early");
    }

    @Override
    public void badMessage(HttpException failure) {
        malformed = (Throwable) failure;
    }
}
