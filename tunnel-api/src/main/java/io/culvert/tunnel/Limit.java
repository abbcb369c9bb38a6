package io.culvert.tunnel;

import java.util.Locale;

/** What a relay keeps within bounds. The same code stands in metrics and in the documentation's table of limits. */
public enum Limit {
    /** Connections in all. */
    CONNECTIONS,
    /** Connections from one address. */
    CONNECTIONS_PER_ADDRESS,
    /** Agents' sessions in all. */
    SESSIONS,
    /** Sessions of one owner's agents. */
    SESSIONS_PER_OWNER,
    /** Agents of one address that are about to register. */
    HANDSHAKES_PER_ADDRESS,
    /** Failed authentications of agents from one address, in time. */
    FAILED_HANDSHAKES,
    /** Data connections from one address that nobody asked for, in time. */
    FAILED_DATA_CONNECTIONS,
    /** Tunnels of one agent. */
    TUNNELS_PER_AGENT,
    /** Streams of one tunnel. */
    STREAMS_PER_TUNNEL,
    /** Visitors that wait for one tunnel's agent to come back. */
    WAITING_PER_TUNNEL,
    /** What an agent may send on one stream before it is consumed; it sent more. */
    CREDIT,
    /** What one session's agent may send before it is consumed. */
    QUEUED_BYTES_PER_SESSION,
    /** What all agents may send before it is consumed. */
    QUEUED_BYTES,
    /** Messages that wait for an agent that does not read them. */
    QUEUED_MESSAGES,
    /** Requests to one tunnel, in time. */
    REQUESTS,
    /** Requests to one tunnel from one address, in time. */
    REQUESTS_PER_VISITOR,
    /** Wrong passwords for one tunnel from one address, in time. */
    FAILED_LOGINS,
    /** Requests and upgraded connections under way in one tunnel. */
    CONCURRENT_REQUESTS,
    /** The body of a request. */
    BODY_BYTES,
    /** The time that a TLS handshake may take. */
    TLS_HANDSHAKE_TIME,
    /** The time that a request's head may take. */
    REQUEST_HEAD_TIME,
    /** The time that a visitor may pause within a request's body. */
    REQUEST_BODY_TIME,
    /** The time that an agent has to register. */
    REGISTER_TIME,
    /** The time that an agent has to bring a stream. */
    OPEN_TIME,
    /** The time that a local service has to begin its answer. */
    RESPONSE_TIME,
    /** The time that a local service may pause within its answer. */
    RESPONSE_IDLE_TIME,
    /** The time that a visitor may take nothing of its answer. */
    UNREAD_TIME,
    /** The time that a visitor's connection is kept between requests. */
    IDLE_TIME;

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The constant's name in lower case with hyphens. */
    public String code() {
        return code;
    }
}
