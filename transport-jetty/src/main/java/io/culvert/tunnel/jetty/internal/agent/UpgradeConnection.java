package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.jetty.EndPointStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.jspecify.annotations.Nullable;

/** Sends the request for an upgrade, reads the head of the answer and hands the connection on with what came behind the head. */
final class UpgradeConnection extends HeadConnection implements Connection.UpgradeFrom {
    private final UpgradeRequest request;
    private final String streamId;
    private final CompletableFuture<EndPointStream> result;

    /** Used by one thread at a time. */
    private boolean protocolSwitched;

    UpgradeConnection(
            EndPoint endPoint,
            ClientConnector connector,
            UpgradeRequest request,
            String streamId,
            CompletableFuture<EndPointStream> result,
            BiConsumer<String, @Nullable Throwable> onFailure) {
        super(endPoint, connector, request.encoded(), result, onFailure);
        this.request = request;
        this.streamId = streamId;
        this.result = result;
    }

    @Override
    public void parsedHeader(HttpField field) {
        if (field.getHeader() == HttpHeader.UPGRADE && request.protocol().equalsIgnoreCase(field.getValue())) {
            protocolSwitched = true;
        }
    }

    @Override
    void onAnswer(int status) {
        if (status != HttpStatus.SWITCHING_PROTOCOLS_101) {
            fail("answered " + status, null);
        } else if (!protocolSwitched) {
            fail("switched to another protocol than " + request.protocol(), null);
        } else {
            EndPoint endPoint = getEndPoint();
            endPoint.upgrade(new EndPointStream(streamId, endPoint, getExecutor(), this::opened).connection());
        }
    }

    private void opened(EndPointStream stream) {
        if (!result.complete(stream)) {
            stream.reset(new EofException("nobody waits for it any more"));
        }
    }

    @Override
    public ByteBuffer onUpgradeFrom() {
        return behind();
    }
}
