package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import java.util.concurrent.CompletionException;

/** Brings what went wrong into the form in which it is told. */
final class Failures {
    private Failures() {}

    static StreamException of(Throwable failure, String id) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StreamException s
                ? s
                : new StreamException(StreamException.errorOf(cause), "Stream " + id + " failed: " + cause, cause);
    }

    /** A peer's words. */
    static StreamException received(String id, String code, String reason) {
        return new StreamException(TunnelError.ofCode(code), "Stream " + id + ": " + reason);
    }
}
