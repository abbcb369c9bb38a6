package io.culvert.tunnel;

import java.util.Locale;

/** What a relay keeps within bounds. The same code stands in metrics and in the documentation's table of limits. */
public enum Limit {
    /** Connections in all. */
    CONNECTIONS,
    /** Connections from one address. */
    CONNECTIONS_PER_ADDRESS,
    /** Failed authentications of agents from one address, in time. */
    FAILED_HANDSHAKES,
    /** Tunnels of one agent. */
    TUNNELS_PER_AGENT,
    /** Streams of one tunnel. */
    STREAMS_PER_TUNNEL,
    /** Visitors that wait for one tunnel's agent to come back. */
    WAITING_PER_TUNNEL,
    /** Requests to one tunnel, in time. */
    REQUESTS,
    /** Requests to one tunnel from one address, in time. */
    REQUESTS_PER_VISITOR,
    /** Wrong passwords for one tunnel from one address, in time. */
    FAILED_LOGINS,
    /** Requests and upgraded connections under way in one tunnel. */
    CONCURRENT_REQUESTS,
    /** The body of a request. */
    BODY_BYTES;

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The constant's name in lower case with hyphens. */
    public String code() {
        return code;
    }
}
