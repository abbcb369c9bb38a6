package io.culvert.tunnel.core.internal.relay;

/** Where a session stands. */
enum SessionState {
    /** The agent registered, anew or again, and is about to be told. */
    STARTING,
    /** The agent is connected. */
    OPEN,
    /** The control channel is lost; until the grace time is over the agent may resume the session. */
    AWAY,
    /** Over. Final. */
    ENDED
}
