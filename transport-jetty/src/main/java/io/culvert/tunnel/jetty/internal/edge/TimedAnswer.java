package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.RelayFace;
import java.time.Duration;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;

/** The completion of a visitor's request that reports how it was answered, and how long that took. */
final class TimedAnswer extends Callback.Nested {
    private final RelayFace face;
    private final PublicTunnel tunnel;
    private final Request request;
    private final Response response;

    private TimedAnswer(RelayFace face, PublicTunnel tunnel, Request request, Response response, Callback callback) {
        super(callback);
        this.face = face;
        this.tunnel = tunnel;
        this.request = request;
        this.response = response;
    }

    /** The same callback where nobody listens. */
    static Callback of(RelayFace face, PublicTunnel tunnel, Request request, Response response, Callback callback) {
        return face.measuresRequests() ? new TimedAnswer(face, tunnel, request, response, callback) : callback;
    }

    @Override
    public void succeeded() {
        report(response.getStatus());
        super.succeeded();
    }

    @Override
    public void failed(Throwable failure) {
        report(0);
        super.failed(failure);
    }

    private void report(int status) {
        StreamKind kind = status == HttpStatus.SWITCHING_PROTOCOLS_101 ? StreamKind.UPGRADE : StreamKind.HTTP;
        face.requestCompleted(tunnel, kind, status, Duration.ofNanos(NanoTime.since(request.getHeadersNanoTime())));
    }
}
