package io.culvert.tunnel.jetty.internal.io;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;

/** What a connection that the edge accepted is used for at the moment. */
enum HttpUse {
    /** Nothing, or not a whole head, came on it. */
    NO_REQUEST_YET,
    /** It is kept alive, and the last request is answered. */
    BETWEEN_REQUESTS,
    /** A request is under way, or it speaks something else by now. */
    IN_USE;

    /** It may be a moment old. */
    static HttpUse of(EndPoint accepted) {
        Connection connection = accepted.getConnection();
        if (connection instanceof SslConnection ssl) {
            connection = ssl.getSslEndPoint().getConnection();
        }
        boolean speaksHttp = connection instanceof ConnectionMetaData;
        return speaksHttp && accepted instanceof TunnelEndPoint ours
                ? ours.clock().map(VisitorClock::use).orElse(IN_USE)
                : IN_USE;
    }
}
