package io.culvert.tunnel;

/** Where a {@link Tunnel} stands. */
public enum TunnelState {
    /** The agent dials the relay, for the first time or again; visitors wait or are told so. */
    CONNECTING,
    /** Registered: visitors reach the local service. */
    OPEN,
    /** Takes no new streams; open ones finish. */
    DRAINING,
    /** Over, because it was closed or because the relay refused it for good. Final. */
    CLOSED
}
