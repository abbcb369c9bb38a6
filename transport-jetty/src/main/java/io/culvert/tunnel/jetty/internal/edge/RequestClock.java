package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.jetty.internal.io.Resets;
import io.culvert.tunnel.jetty.internal.io.TunnelEndPoint;
import io.culvert.tunnel.jetty.internal.io.VisitorClock;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The completion of a request that tells its connection's clock that the next may come. */
final class RequestClock extends Callback.Nested {
    private final VisitorClock clock;
    private final Response response;

    private RequestClock(Callback callback, VisitorClock clock, Response response) {
        super(callback);
        this.clock = clock;
        this.response = response;
    }

    /** The head of the request is complete. The same callback where the connection has no clock. */
    static Callback of(Request request, Response response, Callback callback) {
        VisitorClock clock = Resets.raw(
                        request.getConnectionMetaData().getConnection().getEndPoint())
                .flatMap(TunnelEndPoint::clock)
                .orElse(null);
        if (clock == null) {
            return callback;
        }
        clock.requested();
        return new RequestClock(callback, clock, response);
    }

    @Override
    public void succeeded() {
        if (response.getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101) {
            clock.upgraded();
        } else {
            clock.answered();
        }
        super.succeeded();
    }
}
