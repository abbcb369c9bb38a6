package io.culvert.tunnel.message;

import io.culvert.tunnel.Direction;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every message of the control channel. On the wire each is one JSON text: the record's name in lower case as
 * {@code "type"}, the components in snake_case, bytes in standard base64 with padding, absent components left out.
 *
 * <p>A {@link ByteBuffer} in a message holds the bytes between its position and its limit; whoever reads it uses a
 * duplicate. {@code docs/PROTOCOL.md} has the rules of order.
 */
public sealed interface TunnelMessage {
    /** The protocol version that this library speaks. */
    int VERSION = 1;

    /** A message that belongs to one data stream. */
    sealed interface StreamMessage extends TunnelMessage {
        /** The stream that it is about, whatever the wire calls the field. */
        String streamId();
    }

    /**
     * Agent to relay: starts a session, or resumes one.
     *
     * @param version the protocol version
     * @param agentId random for each agent; the same again resumes that agent's session
     * @param tunnels what to expose from the start
     * @param transports names of the offered transports, the preferred first
     * @param credit bytes that the relay may send on each stream before it needs more credit
     */
    record Register(int version, String agentId, List<Wish> tunnels, List<String> transports, int credit)
            implements TunnelMessage {}

    /**
     * Relay to agent: the session stands.
     *
     * @param session the session's id; it may stand in logs
     * @param dataSecret the credential for this session's data connections; never logged
     * @param tunnels an answer to each wish
     * @param transport the chosen transport
     * @param parameters what the chosen transport's halves need to know
     * @param limits what the agent must keep to
     */
    record Registered(
            String session,
            String dataSecret,
            List<Grant> tunnels,
            String transport,
            Map<String, String> parameters,
            Limits limits)
            implements TunnelMessage {}

    /**
     * Relay to agent: no session. The relay closes the channel after it.
     *
     * @param code why, as in {@link io.culvert.tunnel.TunnelError#code()}
     * @param message a sentence for a person
     * @param retryable whether the same registration can succeed later
     */
    record Refused(String code, String message, boolean retryable) implements TunnelMessage {}

    /** Agent to relay: one more tunnel on a live session. */
    record Expose(Wish tunnel) implements TunnelMessage {}

    /** Relay to agent: the answer to {@link Expose}. */
    record Exposed(Grant tunnel) implements TunnelMessage {}

    /**
     * Agent to relay: the tunnel with this name is no more. Its open streams go on for a while.
     *
     * @param tunnel the tunnel's name
     * @param deadlineMillis when the relay ends its WebSockets with code 1001 (RFC 6455, section 7.4.1), in milliseconds from now; absent
     *     for never
     */
    record Withdraw(String tunnel, @Nullable Long deadlineMillis) implements TunnelMessage {}

    /**
     * Relay to agent: opens a stream for plain HTTP, or carries a later chunk of one.
     *
     * @param requestId the stream
     * @param tunnel the tunnel's name; in the opening message only
     * @param payload bytes toward the local service; none in a dedicated transport
     */
    record HttpRequest(
            String requestId,
            @Nullable String tunnel,
            @Nullable ByteBuffer payload) implements StreamMessage {
        @Override
        public String streamId() {
            return requestId;
        }
    }

    /** Agent to relay: a chunk from the local service. */
    record HttpResponse(String requestId, ByteBuffer payload) implements StreamMessage {
        @Override
        public String streamId() {
            return requestId;
        }
    }

    /** Both ways: resets a stream for plain HTTP, or says why it could not open. */
    record HttpCancel(String requestId, String code, String reason) implements StreamMessage {
        @Override
        public String streamId() {
            return requestId;
        }
    }

    /**
     * Relay to agent: opens a stream for an upgrade.
     *
     * @param connectionId the stream
     * @param tunnel the tunnel's name
     * @param initialRequest the first bytes toward the local service; none in a dedicated transport
     */
    record WebSocketUpgrade(
            String connectionId, String tunnel, @Nullable ByteBuffer initialRequest) implements StreamMessage {
        @Override
        public String streamId() {
            return connectionId;
        }
    }

    /** Agent to relay: the local service is connected; what it answers follows as the first bytes down. */
    record WebSocketReady(String connectionId) implements StreamMessage {
        @Override
        public String streamId() {
            return connectionId;
        }
    }

    /** Both ways: a chunk of an upgraded connection's bytes. Where it is cut means nothing. */
    record WebSocketFrame(String connectionId, Direction direction, ByteBuffer data) implements StreamMessage {
        @Override
        public String streamId() {
            return connectionId;
        }
    }

    /** Both ways: resets an upgraded connection, or says why it could not open. */
    record WebSocketClose(String connectionId, String code, String reason) implements StreamMessage {
        @Override
        public String streamId() {
            return connectionId;
        }
    }

    /** Relay to agent: ids for connections that the agent may dial ahead. Each is used once. */
    record Slots(List<String> connectionIds) implements TunnelMessage {}

    /** Both ways: the peer may send that many more bytes on the stream. */
    record Credit(String streamId, long bytes) implements StreamMessage {}

    /** Both ways: no more bytes follow from this side on the stream. */
    record End(String streamId) implements StreamMessage {}

    /** Both ways: answer with {@link Pong}. */
    record Ping(long nonce) implements TunnelMessage {}

    /** Both ways: the answer to a {@link Ping}, with its nonce. */
    record Pong(long nonce) implements TunnelMessage {}

    /**
     * Both ways: there are to be no new streams; those that are open or on their way may finish. A relay answers with {@link Drained} when
     * they have.
     *
     * @param deadlineMillis how long they may take, in milliseconds
     * @param code why, as in {@link io.culvert.tunnel.TunnelError#code()}; {@code replaced} tells an agent not to come back
     */
    record Drain(long deadlineMillis, String code) implements TunnelMessage {}

    /**
     * Relay to agent, after a {@link Drain} of either: no stream of the session is open at the relay or on its way, and none will be. So an
     * agent whose own streams are over can go, and nothing is cut.
     */
    record Drained() implements TunnelMessage {}

    /**
     * What an agent wants exposed.
     *
     * @param ref the agent's own label, which the answer repeats
     * @param name the wanted name; absent for a random one
     * @param host a wanted host outside the relay's domain
     * @param port a wanted port of its own; 0 for any
     * @param hostHeader the Host that the local service is to see; absent for the visitor's
     * @param protection whom to let in; absent for everyone
     */
    record Wish(
            String ref,
            @Nullable String name,
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String hostHeader,
            @Nullable Protection protection) {}

    /**
     * Whom a tunnel lets in, and how much of them. Limits that are absent do not exist.
     *
     * @param logins who may come in with basic authentication (RFC 7617); empty for everyone
     * @param allow the only addresses and networks (CIDR) that may come in; empty for all
     * @param deny addresses and networks that may not, even if they are allowed
     * @param requests how many requests may come in from all visitors together
     * @param requestsPerVisitor how many requests may come in from one address
     * @param concurrentRequests how many requests and upgraded connections may be under way
     * @param bodyBytes the largest body of a request
     */
    record Protection(
            List<Login> logins,
            List<String> allow,
            List<String> deny,
            @Nullable Allowance requests,
            @Nullable Allowance requestsPerVisitor,
            @Nullable Integer concurrentRequests,
            @Nullable Long bodyBytes) {}

    /**
     * A user and a password as the relay knows them.
     *
     * @param salt random bytes in base64
     * @param hash SHA-256 of the salt and {@code user:password} in UTF-8, in base64
     */
    record Login(String salt, String hash) {
        @Override
        public String toString() {
            return "Login[]"; // not for logs
        }
    }

    /**
     * How often something may happen.
     *
     * @param count how many at once
     * @param perMillis in how many milliseconds as many come anew
     */
    record Allowance(int count, long perMillis) {}

    /**
     * The answer to a {@link Wish}: a name and a URL, or a code and a message.
     *
     * @param ref the wish's label
     * @param name the tunnel's name, as opening messages will have it
     * @param url where visitors reach it, without a trailing slash
     * @param code why not
     * @param message why not, for a person
     * @param isProtected whether the relay enforces the wish's protection
     */
    record Grant(
            String ref,
            @Nullable String name,
            @Nullable String url,
            @Nullable String code,
            @Nullable String message,
            boolean isProtected) {}

    /**
     * What an agent must keep to.
     *
     * @param credit bytes that the agent may send on each stream before it needs more credit
     * @param pingMillis how often the relay pings, in milliseconds; silence of three times as long means a dead peer
     * @param graceMillis how long the relay keeps the session after the control channel is lost, in milliseconds
     */
    record Limits(int credit, long pingMillis, long graceMillis) {}
}
