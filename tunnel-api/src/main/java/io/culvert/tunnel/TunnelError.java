package io.culvert.tunnel;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every reason for which something in a tunnel can fail. The same code stands in exceptions, in messages on the control
 * channel ({@link #code()}), in the {@code Tunnel-Error} field of an answer to a visitor and in metrics.
 */
public enum TunnelError {
    // What a visitor can meet.
    /** The visitor's request is not valid HTTP or asks for something that the edge refuses. */
    BAD_REQUEST(400, false, "The request is not valid HTTP."),
    /** No tunnel stands behind the host or port that the visitor asked for. */
    UNKNOWN_TUNNEL(404, false, "No tunnel answers here. Check the address, or start the agent that exposes it."),
    /** The visitor used a method that tunnels do not carry (CONNECT, TRACE). */
    METHOD_REFUSED(405, false, "This method is not carried by a tunnel."),
    /** The tunnel lets in who knows a password only. */
    AUTHENTICATION_REQUIRED(401, false, "This tunnel asks for a user and a password."),
    /** The tunnel does not let in the visitor's address. */
    ADDRESS_REFUSED(403, false, "This tunnel does not take visitors from your address."),
    /** The visitor, or all visitors together, ask for more than is allowed in that time. */
    RATE_LIMITED(429, true, "Too many requests in too short a time. Try again after a while."),
    /** The body of the request exceeds the limit. */
    BODY_TOO_LARGE(413, false, "The body of the request is too large."),
    /** The head of the request exceeds the limit. */
    HEAD_TOO_LARGE(431, false, "The head of the request is too large."),
    /** The tunnel is known but its agent is not connected now. */
    AGENT_AWAY(503, true, "The agent behind this tunnel is not connected. Try again shortly."),
    /** A limit of the relay or the agent is reached. */
    OVERLOADED(503, true, "A limit is reached. Try again shortly."),
    /** The relay or the agent is closing and takes no new streams. */
    CLOSING(503, true, "The tunnel is closing. Try again shortly."),
    /** Nothing accepts connections on the exposed port. */
    LOCAL_REFUSED(502, true, "The local service does not accept connections. Is it running on the exposed port?"),
    /** The local service took too long to accept or to answer. */
    LOCAL_TIMEOUT(504, true, "The local service did not answer in time."),
    /** The local service answered with something that is not valid HTTP. */
    LOCAL_PROTOCOL(502, false, "The local service gave an answer that is not valid HTTP."),
    /** The agent did not bring a data stream in time. */
    OPEN_TIMEOUT(504, true, "The agent did not open a data stream in time."),
    /** A data stream ended with a reset. */
    RESET(502, true, "The connection through the tunnel was reset."),
    /** One side gave a stream up, for example because the visitor left. */
    CANCELLED(499, true, "The request was given up before it was complete."),

    // What an agent can meet when it registers.
    /** The token is missing, unknown or malformed. One answer for all three. */
    UNAUTHORIZED(401, false, "The relay does not accept this token. Check the token that the agent was given."),
    /** The agent and the relay have no protocol version in common. */
    VERSION_UNSUPPORTED(400, false, "Agent and relay speak different protocol versions. Upgrade the older one."),
    /** The agent and the relay have no transport in common. */
    NO_COMMON_TRANSPORT(
            400, false, "Agent and relay have no transport in common. Add the transport's artifact to both."),
    /** Someone else holds the wanted name, host or port. */
    NAME_TAKEN(409, true, "The wanted name is held by another agent. Choose another name."),
    /** The wanted name does not have the form of a name. */
    NAME_INVALID(400, false, "A name consists of 1 to 63 of the characters a-z, 0-9 and '-'."),
    /** The token may not claim the wanted name, host or port. */
    NAME_FORBIDDEN(403, false, "This token may not claim the wanted name."),
    /** Another agent with the same token took the tunnel over. */
    REPLACED(409, false, "Another agent registered the same name with the same token and took the tunnel over."),

    // What a link or a role can meet.
    /** The relay could not be reached, or does not answer as a relay does. */
    RELAY_UNREACHABLE(502, true, "The relay could not be reached. Check its address and the network."),
    /** What answers at the relay's address has no certificate that the agent accepts. */
    RELAY_UNTRUSTED(
            502,
            false,
            "The relay's certificate is not accepted. Check the relay's address, and which certificates the agent trusts."),
    /** The control channel broke or fell silent. */
    LINK_LOST(503, true, "The control channel was lost."),
    /** The peer broke the protocol. */
    PROTOCOL(400, false, "The peer broke the tunnel protocol. Are both sides of the same version?"),
    /** An option has a value that cannot work. */
    BAD_CONFIGURATION(400, false, "The configuration cannot work."),
    /** A part of Culvert is not on the class path or module path. */
    MISSING_ARTIFACT(500, false, "A part of Culvert is missing. Add io.culvert:transport-tcp to the application."),
    /** The address to listen on is in use or does not exist. */
    BIND_FAILED(500, true, "The address to listen on is in use or not available."),
    /** The object was closed. */
    CLOSED(503, false, "It was closed."),
    /** Something failed that has no code of its own. */
    INTERNAL(500, true, "Something failed inside the tunnel. The log has the details.");

    private static final Map<String, TunnelError> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(TunnelError::code, Function.identity()));

    private final String code;
    private final int status;
    private final boolean retryable;
    private final String advice;

    TunnelError(int status, boolean retryable, String advice) {
        this.code = name().toLowerCase(Locale.ROOT).replace('_', '-');
        this.status = status;
        this.retryable = retryable;
        this.advice = advice;
    }

    /**
     * The error whose {@link #code()} is the given one; {@link #INTERNAL} if there is none, as a newer peer may use codes
     * that this version does not know.
     */
    public static TunnelError ofCode(String code) {
        return Optional.ofNullable(BY_CODE.get(code)).orElse(INTERNAL);
    }

    /** The code on the wire and in {@code Tunnel-Error}: the constant's name in lower case with hyphens. */
    public String code() {
        return code;
    }

    /** The HTTP status (RFC 9110, section 15) that tells a visitor, where a visitor can meet this error. */
    public int status() {
        return status;
    }

    /** Whether the same attempt can succeed later without anyone changing anything. */
    public boolean retryable() {
        return retryable;
    }

    /** A sentence for a person: what it means and what to do. */
    public String advice() {
        return advice;
    }
}
