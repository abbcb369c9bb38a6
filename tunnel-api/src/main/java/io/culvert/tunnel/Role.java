package io.culvert.tunnel;

/** The two sides of a tunnel. */
public enum Role {
    /** The public side, where visitors connect. */
    RELAY,
    /** The side beside the local service. */
    AGENT
}
