package io.culvert.tunnel;

/**
 * Receives measurements from a relay or an agent. Every method does nothing by default. Calls come from I/O threads, at
 * the same time for different streams: implementations return fast and never block. What they throw is logged once and goes
 * no further.
 *
 * <p>For one stream the order is {@link #streamOpened}, any number of {@link #bytes}, {@link #streamClosed} exactly once; or
 * {@link #streamFailed} alone.
 */
public interface TunnelMetrics {
    /** Measures nothing. */
    TunnelMetrics NOOP = new TunnelMetrics() {};

    /**
     * A data stream opened.
     *
     * @param stream which
     * @param nanos how long it took from the wish for a stream until it could carry bytes, in nanoseconds
     */
    default void streamOpened(StreamInfo stream, long nanos) {}

    /**
     * Bytes passed.
     *
     * @param stream which
     * @param direction which way
     * @param count how many, at least 1
     */
    default void bytes(StreamInfo stream, Direction direction, long count) {}

    /**
     * A data stream that had opened is over.
     *
     * @param stream which
     * @param orderly whether both directions came to their end; false after a reset
     */
    default void streamClosed(StreamInfo stream, boolean orderly) {}

    /**
     * A data stream could not be opened.
     *
     * @param stream which it would have been
     * @param error why
     */
    default void streamFailed(StreamInfo stream, TunnelError error) {}

    /**
     * An agent's session came into being ({@code +1}) or ended ({@code -1}) at a relay.
     *
     * @param delta the change
     */
    default void sessions(int delta) {}

    /**
     * A tunnel was exposed ({@code +1}) or withdrawn ({@code -1}).
     *
     * @param role the side that reports
     * @param delta the change
     */
    default void tunnels(Role role, int delta) {}

    /**
     * An agent lost its control channel and dials again.
     *
     * @param reason why
     */
    default void reconnecting(TunnelError reason) {}

    /**
     * A relay answered a visitor with an error of its own.
     *
     * @param error which
     */
    default void visitorRefused(TunnelError error) {}
}
