package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;

/** Keeps aborts and ends apart on connections that may be wrapped in TLS. */
public final class Resets {
    private static final long LAST_WORDS_MILLIS = 10_000;

    private Resets() {}

    /** The TCP connection at the bottom, if it is one of ours. */
    public static Optional<TunnelEndPoint> raw(EndPoint endPoint) {
        EndPoint bottom = endPoint;
        while (bottom instanceof EndPoint.Wrapper wrapper) {
            bottom = wrapper.unwrap();
        }
        return bottom instanceof TunnelEndPoint raw ? Optional.of(raw) : Optional.empty();
    }

    /**
     * Fills like {@link EndPoint#fill}.
     *
     * @throws IOException also where a TLS connection ended without close_notify (RFC 8446, section 6.1): someone cut it
     */
    public static int fill(EndPoint endPoint, ByteBuffer buffer) throws IOException {
        int filled = endPoint.fill(buffer);
        if (filled < 0
                && endPoint instanceof SslConnection.SslEndPoint ssl
                && !ssl.getSslConnection().getSSLEngine().isInboundDone()) {
            throw new StreamException(TunnelError.RESET, "TLS connection cut without close_notify: " + endPoint);
        }
        return filled;
    }

    /** Closes a connection on which this side wrote its end. What waits to be written leaves first, as far as the peer takes it. */
    public static void finish(EndPoint endPoint) {
        boolean closeNotifyWaits = endPoint instanceof EndPoint.Wrapper
                && raw(endPoint)
                        .filter(raw -> raw.getWriteFlusher().isPending())
                        .isPresent();
        if (closeNotifyWaits) {
            endPoint.setIdleTimeout(LAST_WORDS_MILLIS); // the peer closes when it has read all; if not, time does
        } else {
            endPoint.close();
        }
    }

    /** Aborts both directions. The reset leaves first, so that no close_notify makes it look like an end. */
    public static void abort(EndPoint endPoint, Throwable cause) {
        if (endPoint instanceof EndPoint.Wrapper) {
            raw(endPoint).ifPresent(raw -> raw.close(cause));
        }
        endPoint.close(cause);
    }
}
