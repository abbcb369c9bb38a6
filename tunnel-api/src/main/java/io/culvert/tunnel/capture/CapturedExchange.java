package io.culvert.tunnel.capture;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One request and its answer, and what followed an upgrade, as the agent saw them pass. It grows until {@link #state()} is another than
 * {@link State#OPEN}. Thread-safe.
 */
public interface CapturedExchange {
    /** How far an exchange is. */
    enum State {
        /** Going on. */
        OPEN,
        /** The answer, or the upgraded connection, came to its end. */
        COMPLETE,
        /** One side aborted it. */
        RESET,
        /** What followed was not captured: it came faster than it could be understood, or is not valid HTTP. */
        CUT
    }

    /** Counts an agent's exchanges, from 1. */
    long number();

    /** The data stream that carried it; exchanges of one kept-alive stream share it. */
    String stream();

    /** The tunnel's name. */
    String tunnel();

    /** The transport that carried the stream. */
    String transport();

    /** When the first byte of the request passed, by the wall clock. */
    Instant startedAt();

    /** The request's head. */
    CapturedRequest request();

    /** What came of the request's body so far; each call copies what is kept of it. */
    CapturedBody requestBody();

    /** Bytes that came of the request's body so far; costs nothing. */
    long requestBytes();

    /** The final answer's head, once it came; for an upgrade that of the 101. */
    Optional<CapturedResponse> response();

    /** What came of the answer's body so far; each call copies what is kept of it. */
    CapturedBody responseBody();

    /** Bytes that came of the answer's body so far; costs nothing. */
    long responseBytes();

    /** The messages of a WebSocket so far, oldest first; the oldest are dropped where {@link Capture#maxBodyBytes} does not hold all. */
    List<CapturedMessage> messages();

    /** Messages so far, dropped ones included. */
    long messageCount();

    /** Bytes of bodies and messages that it keeps. */
    long keptBytes();

    /** How far it is. */
    State state();

    /** Why it was reset or cut, for a person. */
    Optional<String> problem();

    /** From the first byte of the request to its last; empty until then. */
    Optional<Duration> requestTime();

    /** From the first byte of the request to the head of the answer; empty until then. */
    Optional<Duration> answerTime();

    /** From the first byte of the request to the end of everything; empty until then. */
    Optional<Duration> totalTime();
}
