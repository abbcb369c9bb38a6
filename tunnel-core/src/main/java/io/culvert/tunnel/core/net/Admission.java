package io.culvert.tunnel.core.net;

import io.culvert.tunnel.TunnelError;

/** What a tunnel's protection says to a request. */
public sealed interface Admission {
    /** Nothing stands in the way. */
    Admitted FREE = new Admitted(false, Long.MAX_VALUE, () -> {});

    /**
     * The request may go on.
     *
     * @param takesAuthorization whether its {@code Authorization} field was meant for the tunnel and not for the local service
     * @param bodyBytes how long its body may be
     * @param over to be run once, when the request, or the upgraded connection that it became, is over
     */
    record Admitted(boolean takesAuthorization, long bodyBytes, Runnable over) implements Admission {}

    /**
     * The request is answered by the relay.
     *
     * @param error with what
     * @param retryAfterSeconds when another try makes sense; 0 if that is not known
     */
    record Refused(TunnelError error, long retryAfterSeconds) implements Admission {}

    /** A refusal that no waiting can help. */
    static Refused refused(TunnelError error) {
        return new Refused(error, 0);
    }
}
