package io.culvert.tunnel;

/** Which way bytes travel through a tunnel. */
public enum Direction {
    /** Upstream, from the visitor toward the local service. */
    UP,
    /** Downstream, from the local service toward the visitor. */
    DOWN
}
