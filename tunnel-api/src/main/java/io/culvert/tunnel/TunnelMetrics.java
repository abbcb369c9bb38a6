package io.culvert.tunnel;

import java.time.Duration;

/**
 * Receives measurements from a relay or an agent. Every method does nothing by default. Calls come from I/O threads and the scheduler, at
 * the same time for different streams: implementations return fast and never block. What they throw is logged once and goes
 * no further. With {@link #NOOP} nothing is measured that costs something.
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
     * An agent lost its control channel and dials again. Once for each loss, however many attempts follow.
     *
     * @param reason why: {@code LINK_LOST} for what a network does, {@code PROTOCOL} if one side broke a rule
     */
    default void reconnecting(TunnelError reason) {}

    /**
     * A ping on a control channel was answered. Both sides ping at the relay's ping interval, and the
     * agent also at once when its session stands.
     *
     * @param role the side that pinged
     * @param time from the ping to its answer, the time that the ping waited in this side's queue included
     */
    default void roundTrip(Role role, Duration time) {}

    /**
     * Messages began ({@code +}) or ceased ({@code -}) to wait for a control channel's wire, as it takes them slower than they are made.
     * Bytes of visitors are not among them: those wait where they come from. The sum over all calls is what waits now; single calls of
     * different threads may overtake each other.
     *
     * @param role the side that reports
     * @param delta the change in bytes, not 0
     */
    default void sendQueued(Role role, long delta) {}

    /**
     * A relay's edge is done with a visitor's request that a tunnel took. Called once for each, also where the relay itself gave the answer
     * ({@link #visitorRefused} then came before). For an upgrade it comes with the 101, as what follows is no answer.
     *
     * @param request which tunnel and transport; the kind is {@code UPGRADE} if the answer was a 101
     * @param status the answer's status, 101 to 599; 0 if the visitor left or was cut off before it had a whole answer
     * @param time from the request's head to the end of the answer
     */
    default void requestCompleted(StreamInfo request, int status, Duration time) {}

    /**
     * A relay refused or ended something because a limit was reached.
     *
     * @param limit which
     */
    default void limitReached(Limit limit) {}

    /**
     * A relay answered a visitor with an error of its own: {@code UNKNOWN_TUNNEL} for a request that no tunnel was found for.
     *
     * @param error which
     */
    default void visitorRefused(TunnelError error) {}
}
