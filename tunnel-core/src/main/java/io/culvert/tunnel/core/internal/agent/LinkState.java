package io.culvert.tunnel.core.internal.agent;

/** Where a link stands. */
enum LinkState {
    /** There is nothing to expose, so nothing is dialled. */
    IDLE,
    /** The relay is dialled. */
    CONNECTING,
    /** The control channel stands; {@code Registered} is awaited. */
    REGISTERING,
    /** The session stands. */
    OPEN,
    /** An attempt failed or the link was lost; the next attempt comes after a while. */
    BACKOFF,
    /** No new streams and no new attempts; open streams finish. */
    DRAINING,
    /** Over. Final. */
    CLOSED
}
