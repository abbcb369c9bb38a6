package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelError;
import java.time.Duration;

/**
 * What a fault is to apply to. The first methods narrow it down, each returning a new scope; the others put a fault in force, which is so
 * when they return. Immutable.
 *
 * <p>{@linkplain Direction#UP Up} is toward the local service, {@linkplain Direction#DOWN down} toward the visitor.
 */
public interface FaultScope {
    /** The first so many requests, streams or connections only. */
    FaultScope times(int count);

    /** Each request, stream or connection with that probability, 0 to 1, as the seed has it. */
    FaultScope withProbability(double probability);

    /** One direction only, for faults that hold bytes back or cut them. Default: both; for {@link #truncate}, down. */
    FaultScope only(Direction direction);

    /**
     * What arrives waits so long before it goes on; what arrives meanwhile goes with it.
     *
     * @param delay at least 0
     */
    default Fault latency(Duration delay) {
        return latency(delay, delay);
    }

    /** As {@link #latency(Duration)}, each time of another length between the two, as the seed has it. */
    Fault latency(Duration shortest, Duration longest);

    /**
     * No more than so many bytes in a second, for each direction of each stream or connection.
     *
     * @param bytesPerSecond at least 1
     */
    Fault bandwidth(long bytesPerSecond);

    /** Nothing goes on until the fault is lifted; whoever sends feels the pressure. Ends wait as well. */
    Fault stall();

    /** Every byte travels alone. */
    Fault singleBytes();

    /** Swallows bytes and ends, as if a cable had been pulled: neither side is told anything. */
    Fault halfOpen();

    /**
     * Aborts. For requests: each that begins from now on, before the local service sees it. For streams and connections: those that are
     * open now and no others; returns when they are over.
     */
    Fault reset();

    /**
     * Aborts after so many bytes. For requests and streams bytes are counted behind the head of each request (up) or answer (down); for
     * connections from now on. An answer is cut when its reader is done with what was let through: an edge has passed on its head and that many
     * bytes by then.
     *
     * @param bytes at least 0
     */
    Fault truncate(long bytes);

    /** Does not let new ones come about, with {@link TunnelError#LOCAL_REFUSED} where an error can be given. */
    default Fault refuse() {
        return refuse(TunnelError.LOCAL_REFUSED);
    }

    /** Does not let new ones come about: requests and streams fail with that error, connections are reset as soon as they are made. */
    Fault refuse(TunnelError error);
}
