package io.culvert.tunnel.core.internal.codec;

import java.io.IOException;

/** A text that is no message of the protocol. Says which field is wrong, never what it held: that may be a secret or huge. */
public final class MalformedMessageException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
        super(message);
    }
}
