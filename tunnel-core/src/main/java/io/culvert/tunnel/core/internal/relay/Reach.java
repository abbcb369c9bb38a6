package io.culvert.tunnel.core.internal.relay;

/** What a wish for a stream meets at a tunnel. */
enum Reach {
    /** The agent is connected. */
    OPEN,
    /** The agent is expected back: wishes wait. */
    AWAY,
    /** No new streams, as the agent or the relay is closing. */
    CLOSING,
    /** The tunnel is gone. Final. */
    ENDED
}
