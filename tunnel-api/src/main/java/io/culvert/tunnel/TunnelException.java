package io.culvert.tunnel;

import org.jspecify.annotations.Nullable;

/** A failure with a code, a sentence that a person can act on, and whether a retry can help. */
public class TunnelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final TunnelError error;

    /** A failure whose message is the error's own advice. */
    public TunnelException(TunnelError error) {
        this(error, error.advice());
    }

    /** A failure with a message that says what happened, to which thing, and what to do about it. */
    public TunnelException(TunnelError error, String message) {
        this(error, message, null);
    }

    /** A failure with a message and what caused it. */
    public TunnelException(TunnelError error, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    /** What kind of failure it is. */
    public TunnelError error() {
        return error;
    }
}
