package io.culvert.tunnel.spi;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/** What both halves of a transport are given for one session. */
public interface TransportContext {
    /** The session's id; it may stand in logs. */
    String session();

    /** The session's credential for data connections. Never log it. */
    String dataSecret();

    /** Sends messages to the other half. */
    ControlChannel control();

    /** Runs work that may block. */
    Executor executor();

    /** Runs short work later; tasks must not block. A manual clock in tests. */
    ScheduledExecutorService scheduler();

    /** How long opening a stream may take. */
    Duration openTimeout();

    /** Bytes that the peer may send on a new stream before it needs credit from this side. */
    int receiveCredit();

    /** Bytes that this side may send on a new stream before it needs credit from the peer. */
    int sendCredit();

    /**
     * Sets bytes aside for what a peer may send, out of the budget of the whole process.
     *
     * @return whether they were granted; if so {@link #releaseCredit} must give them back
     */
    boolean reserveCredit(int bytes);

    /**
     * Sets more bytes aside for a stream whose peer could send faster, as long as plenty are left for streams to come.
     *
     * @param credit what is set aside for the stream so far, in bytes
     * @return how many bytes more the peer may have on the way; 0 if it stays as it is. {@link #releaseCredit} must give them back
     */
    default int extendCredit(int credit) {
        return 0;
    }

    /** Gives back what {@link #reserveCredit} and {@link #extendCredit} granted. */
    void releaseCredit(int bytes);

    /** The peer sent more on a stream than it had credit for, and the transport reset the stream: for counting. */
    default void creditExceeded(String streamId) {}

    /** A message came for a stream that is not open. Counted; a peer that keeps doing it loses its session. */
    void strayMessage(String streamId);

    /** The peer broke the protocol: ends the session with an error that both sides log. */
    void protocolError(String reason);

    /** Something of the network stack that hosts this side, such as Jetty's connector, for transports made for it. */
    <T> Optional<T> host(Class<T> type);
}
