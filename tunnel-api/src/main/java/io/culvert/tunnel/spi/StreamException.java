package io.culvert.tunnel.spi;

import io.culvert.tunnel.TunnelError;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A data stream did not come to an orderly end, or did not come to be. */
public final class StreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final TunnelError error;

    /** A failure with a message that says what happened to which stream. */
    public StreamException(TunnelError error, String message) {
        this(error, message, null);
    }

    /** A failure with a message and what caused it. */
    public StreamException(TunnelError error, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    /** What kind of failure it is. */
    public TunnelError error() {
        return error;
    }

    /** The error that a failure stands for: its own if it has one, else {@link TunnelError#RESET}. */
    public static TunnelError errorOf(Throwable failure) {
        for (Throwable x = failure; x != null; x = x.getCause()) {
            if (x instanceof StreamException s) {
                return s.error();
            }
            if (x instanceof io.culvert.tunnel.TunnelException t) {
                return t.error();
            }
        }
        return TunnelError.RESET;
    }
}
