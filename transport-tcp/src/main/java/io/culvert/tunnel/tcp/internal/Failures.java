package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what went wrong into the form in which it is told. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** What went wrong with a connection. */
    static StreamException of(Throwable failure, String id) {
        Throwable cause = unwrap(failure);
        return cause instanceof StreamException s
                ? s
                : new StreamException(StreamException.errorOf(cause), "Stream " + id + " failed: " + cause, cause);
    }

    /** Why there is no local service. Anything but a {@link StreamException} is a defect on this side. */
    static StreamException ofAcceptor(Throwable failure, String id) {
        Throwable cause = unwrap(failure);
        if (cause instanceof StreamException s) {
            return s;
        }
        LOG.warn("Connecting stream {} to the local service failed unexpectedly", id, cause);
        return new StreamException(
                TunnelError.INTERNAL, "Stream " + id + " could not be connected to the local service.", cause);
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** A peer's words. */
    static StreamException received(String id, String code, String reason) {
        return new StreamException(TunnelError.ofCode(code), "Stream " + id + ": " + reason);
    }
}
