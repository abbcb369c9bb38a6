package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.internal.io.Resets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/** Sends the request for an upgrade, reads the head of the answer and hands the connection on with what came behind the head. */
final class UpgradeConnection extends AbstractConnection.NonBlocking
        implements Connection.UpgradeFrom, HttpParser.ResponseHandler {
    private static final int MAX_HEAD_BYTES = 8 * 1024;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final UpgradeRequest request;
    private final String streamId;
    private final CompletableFuture<EndPointStream> result;
    private final BiConsumer<String, @Nullable Throwable> onFailure;
    private final HttpParser parser = new HttpParser(this, MAX_HEAD_BYTES);

    /** Used by one thread at a time, as all below. */
    private final ByteBuffer buffer = BufferUtil.allocate(1024);

    private int status;
    private boolean complete;
    private boolean protocolSwitched;
    private @Nullable Throwable malformed;

    UpgradeConnection(
            EndPoint endPoint,
            ClientConnector connector,
            UpgradeRequest request,
            String streamId,
            CompletableFuture<EndPointStream> result,
            BiConsumer<String, @Nullable Throwable> onFailure) {
        super(endPoint, connector.getExecutor());
        this.request = request;
        this.streamId = streamId;
        this.result = result;
        this.onFailure = onFailure;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        result.whenComplete((stream, failure) -> {
            if (failure != null) {
                Resets.abort(getEndPoint(), failure);
            }
        });
        Callback sent = Callback.from(
                Invocable.InvocationType.NON_BLOCKING, this::fillInterested, x -> fail("closed the connection", x));
        getEndPoint().write(sent, request.encoded());
    }

    @Override
    public void onFillable() {
        try {
            while (true) {
                while (BufferUtil.hasContent(buffer) && (parser.parseNext(buffer) || malformed != null)) {
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

    /** Whether there is nothing more to read here: the upgrade is done or will not be. */
    private boolean isAnswered() {
        if (malformed != null) {
            fail("gave an answer that is not HTTP", malformed);
        } else if (!complete) {
            return false;
        } else if (status != SWITCHING_PROTOCOLS) {
            if (status < 200) {
                parser.reset(); // an interim answer (RFC 9110, section 15.2)
                complete = false;
                return false;
            }
            fail("answered " + status, null);
        } else if (!protocolSwitched) {
            fail("switched to another protocol than " + request.protocol(), null);
        } else {
            EndPoint endPoint = getEndPoint();
            endPoint.upgrade(new EndPointStream(streamId, endPoint, getExecutor(), this::opened).connection());
        }
        return true;
    }

    private void opened(EndPointStream stream) {
        if (!result.complete(stream)) {
            stream.reset(new EofException("nobody waits for it any more"));
        }
    }

    @Override
    public ByteBuffer onUpgradeFrom() {
        return buffer;
    }

    private void fail(String what, @Nullable Throwable cause) {
        onFailure.accept(what, cause);
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
        if (field.getHeader() == HttpHeader.UPGRADE && request.protocol().equalsIgnoreCase(field.getValue())) {
            protocolSwitched = true;
        }
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
