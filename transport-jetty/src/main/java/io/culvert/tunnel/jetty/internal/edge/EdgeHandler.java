package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.jetty.internal.proxy.TunnelProxy;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;

/** Finds out whom a request is for: a tunnel, by port or by host, or the relay itself. */
final class EdgeHandler extends Handler.Abstract.NonBlocking {
    private static final String CARRIED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private final int mainPort;
    private final RelayFace face;
    private final ErrorPages pages;
    private final TunnelProxy proxy;
    private final ControlEndpoint control;
    private final ReservedPaths reserved;
    private final AgentDoor door;
    private volatile boolean draining;

    EdgeHandler(
            int mainPort,
            RelayFace face,
            ErrorPages pages,
            TunnelProxy proxy,
            ControlEndpoint control,
            ReservedPaths reserved,
            AgentDoor door) {
        this.mainPort = mainPort;
        this.face = face;
        this.pages = pages;
        this.proxy = proxy;
        this.control = control;
        this.reserved = reserved;
        this.door = door;
    }

    /** From now on visitors are refused; what agents need to finish open streams still works. */
    void drain() {
        draining = true;
    }

    /** Whether visitors are refused. */
    boolean isDraining() {
        return draining;
    }

    @Override
    public boolean handle(Request request, Response response, Callback completed) {
        Callback callback = RequestClock.of(request, response, completed);
        int port = localPort(request);
        if (door.is(port)) {
            agent(request, response, callback);
            return true;
        }
        if (port != mainPort) {
            visit(request, response, callback, face.tunnelByPort(port));
            return true;
        }
        String host = Hosts.of(request);
        if (host == null) {
            refuse(request, response, callback, TunnelError.BAD_REQUEST);
        } else if (face.isOwnHost(host)) {
            own(request, response, callback, port);
        } else {
            visit(request, response, callback, face.tunnelByHost(host));
        }
        return true;
    }

    private int localPort(Request request) {
        return request.getConnectionMetaData().getLocalSocketAddress() instanceof InetSocketAddress local
                ? local.getPort()
                : mainPort;
    }

    private void visit(Request request, Response response, Callback callback, Optional<PublicTunnel> tunnel) {
        String method = request.getMethod();
        if (HttpMethod.CONNECT.asString().equalsIgnoreCase(method)
                || HttpMethod.TRACE.asString().equalsIgnoreCase(method)) {
            response.getHeaders().put(HttpHeader.ALLOW, CARRIED_METHODS);
            refuse(request, response, callback, TunnelError.METHOD_REFUSED);
        } else if (draining) {
            refuse(request, response, callback, TunnelError.CLOSING);
        } else if (tunnel.isEmpty()) {
            refuse(request, response, callback, TunnelError.UNKNOWN_TUNNEL);
        } else {
            PublicTunnel found = tunnel.get();
            proxy.handle(request, response, TimedAnswer.of(face, found, request, response, callback), found);
        }
    }

    /** Nothing more is read from the connection: what follows could be anything. */
    private void refuse(Request request, Response response, Callback callback, TunnelError error) {
        response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        pages.write(request, response, callback, error);
    }

    /** Whatever Host it names: nothing but agents comes here. */
    private void agent(Request request, Response response, Callback callback) {
        if (door.isClosedTo(request)) {
            refuse(request, response, callback, TunnelError.UNAUTHORIZED);
        } else {
            own(request, response, callback, localPort(request));
        }
    }

    private void own(Request request, Response response, Callback callback, int port) {
        if (!door.isAt(port)) {
            refuse(request, response, callback, TunnelError.UNKNOWN_TUNNEL);
            return;
        }
        String path = request.getHttpURI().getPath(); // as sent: nothing that needs decoding is one of ours
        if (path.equals(ControlEndpoint.PATH)) {
            control.handle(request, response, callback);
            return;
        }
        Optional<Handler> handler = reserved.find(path);
        if (handler.isEmpty()) {
            refuse(request, response, callback, TunnelError.UNKNOWN_TUNNEL);
        } else if (Invocable.getInvocationType(handler.get()) == InvocationType.BLOCKING) {
            dispatch(handler.get(), request, response, callback);
        } else {
            run(handler.get(), request, response, callback);
        }
    }

    private void dispatch(Handler handler, Request request, Response response, Callback callback) {
        try {
            request.getComponents().getExecutor().execute(() -> run(handler, request, response, callback));
        } catch (RejectedExecutionException x) {
            refuse(request, response, callback, TunnelError.CLOSING);
        }
    }

    private void run(Handler handler, Request request, Response response, Callback callback) {
        try {
            if (!handler.handle(request, response, callback)) {
                refuse(request, response, callback, TunnelError.UNKNOWN_TUNNEL);
            }
        } catch (Exception x) {
            callback.failed(x);
        }
    }
}
