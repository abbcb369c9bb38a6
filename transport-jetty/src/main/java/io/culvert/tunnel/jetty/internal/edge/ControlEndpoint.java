package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.AgentCredentials;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.jetty.internal.channel.WebSocketCarrier;
import io.culvert.tunnel.jetty.internal.io.ConnectionLimit;
import io.culvert.tunnel.jetty.internal.io.Resets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door for agents: proves who they are and opens the control channel's WebSocket. */
final class ControlEndpoint {
    /** The path on the relay's own hosts. */
    static final String PATH = "/_tunnel/control";

    private static final Logger LOG = LoggerFactory.getLogger(ControlEndpoint.class);
    private static final int MAX_TOKEN_CHARS = 1024;

    /** How many handshakes an authenticator may be busy with. */
    private static final int MAX_PENDING = 64;

    /** A carrier has one message outstanding, and control frames. */
    private static final int MAX_OUTGOING_FRAMES = 8;

    private static final String BEARER = "Bearer ";
    private static final String WEBSOCKET = "websocket";

    private final RelayFace face;
    private final ErrorPages pages;
    private final Server server;
    private final ServerWebSocketContainer container;
    private final AgentAddresses addresses;
    private final ConnectionLimit connections;
    private final Semaphore pending = new Semaphore(MAX_PENDING);

    ControlEndpoint(
            Server server, RelayFace face, ErrorPages pages, AgentAddresses addresses, ConnectionLimit connections) {
        this.server = server;
        this.face = face;
        this.pages = pages;
        this.addresses = addresses;
        this.connections = connections;
        this.container = ServerWebSocketContainer.ensure(server);
        container.setIdleTimeout(Duration.ZERO); // the session's pings find dead peers
        container.setMaxTextMessageSize(WebSocketCarrier.MAX_MESSAGE_BYTES);
        container.setMaxBinaryMessageSize(WebSocketCarrier.MAX_MESSAGE_BYTES);
        container.setMaxFrameSize(WebSocketCarrier.MAX_MESSAGE_BYTES);
        container.setMaxOutgoingFrames(MAX_OUTGOING_FRAMES);
    }

    void handle(Request request, Response response, Callback callback) {
        if (!HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, HttpMethod.GET.asString());
            pages.write(request, response, callback, TunnelError.METHOD_REFUSED);
            return;
        }
        if (request.getHeaders().contains(HttpHeader.ORIGIN)) {
            // Only browsers send it: no web page may reach a relay on loopback.
            pages.write(request, response, callback, HttpStatus.FORBIDDEN_403, TunnelError.BAD_REQUEST);
            return;
        }
        if (!request.getHeaders().contains(HttpHeader.UPGRADE, WEBSOCKET)) {
            response.getHeaders().put(HttpHeader.UPGRADE, WEBSOCKET);
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.UPGRADE);
            pages.write(request, response, callback, HttpStatus.UPGRADE_REQUIRED_426, TunnelError.BAD_REQUEST);
            return;
        }
        authenticate(request, response, callback);
    }

    private void authenticate(Request request, Response response, Callback callback) {
        Optional<InetAddress> address = addresses.of(request);
        long wait = address.map(face::secondsUntilHandshake).orElse(0L);
        if (wait > 0) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, wait);
            pages.write(request, response, callback, TunnelError.RATE_LIMITED);
            return;
        }
        Optional<Runnable> begun = address.map(face::handshakeBegins).orElseGet(() -> Optional.of(() -> {}));
        if (begun.isEmpty() || !pending.tryAcquire()) {
            begun.ifPresent(Runnable::run);
            pages.write(request, response, callback, TunnelError.OVERLOADED);
            return;
        }
        Runnable over = begun.get();
        try {
            server.getThreadPool().execute(() -> {
                Optional<AgentIdentity> identity;
                try {
                    identity = face.authenticate(new AgentCredentials(token(request), AgentDoor.certificates(request)));
                } catch (RuntimeException x) {
                    LOG.warn("The authenticator failed; the agent is refused", x);
                    identity = Optional.empty();
                } finally {
                    pending.release();
                }
                if (identity.isPresent()) {
                    upgrade(request, response, callback, identity.get(), over);
                } else {
                    over.run();
                    address.ifPresent(face::handshakeRefused);
                    response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                    pages.write(request, response, callback, TunnelError.UNAUTHORIZED);
                }
            });
        } catch (RejectedExecutionException x) {
            pending.release();
            over.run();
            pages.write(request, response, callback, TunnelError.CLOSING);
        }
    }

    /** The Bearer token (RFC 6750, section 2.1). One that no relay would have issued counts as none. */
    private static Optional<String> token(Request request) {
        List<String> values = request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION);
        if (values.size() != 1 || !values.get(0).regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        String token = values.get(0).substring(BEARER.length()).trim();
        return token.isEmpty() || token.length() > MAX_TOKEN_CHARS ? Optional.empty() : Optional.of(token);
    }

    /**
     * Opens the WebSocket.
     *
     * @param over run when the handshake is over, also where its connection ends before there is a WebSocket that could say so
     */
    private void upgrade(Request request, Response response, Callback callback, AgentIdentity identity, Runnable over) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        connections.agents(endPoint);
        Resets.raw(endPoint).ifPresentOrElse(raw -> raw.onClosed(cause -> over.run()), over);
        String remote = remoteAddress(request);
        try {
            boolean upgraded = container.upgrade(
                    (asked, answer, failed) -> {
                        answer.setExtensions(List.of());
                        return new WebSocketCarrier(carrier -> face.connected(carrier, identity, remote, over));
                    },
                    request,
                    response,
                    callback);
            if (!upgraded) {
                over.run();
                pages.write(request, response, callback, TunnelError.BAD_REQUEST);
            }
        } catch (RuntimeException x) { // no valid handshake, which Jetty's error says, or something that failed
            over.run();
            LOG.debug("Control handshake of {} failed", remote, x);
            callback.failed(x);
        }
    }

    private static String remoteAddress(Request request) {
        SocketAddress remote = request.getConnectionMetaData().getRemoteSocketAddress();
        return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(remote);
    }
}
