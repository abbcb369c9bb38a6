package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.Admission;
import io.culvert.tunnel.core.net.PublicTunnel;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;

/** Carries visitors' requests to the services behind tunnels. Thread-safe; never blocks. */
public final class TunnelProxy {
    private final ProxyContext context;
    private final Map<PublicTunnel, StreamPool> pools = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** A proxy that uses the server's threads and buffers. */
    public TunnelProxy(
            Server server,
            Refusals refusals,
            Activity activity,
            RelayOptions options,
            Predicate<InetAddress> trusted,
            Consumer<Limit> reached) {
        this.context = new ProxyContext(
                server.getThreadPool(),
                server.getScheduler(),
                server.getByteBufferPool(),
                refusals,
                activity,
                options.timeouts(),
                options.halfClosingVisitors(),
                trusted,
                reached);
    }

    /** Answers the request with what the tunnel's local service says. */
    public void handle(Request request, Response response, Callback callback, PublicTunnel tunnel) {
        UpgradeDetector.Ask ask = UpgradeDetector.detect(request);
        if (ask == UpgradeDetector.Ask.UPGRADE_WITH_BODY || hasBadFraming(request)) {
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
            TunnelError error = TunnelError.BAD_REQUEST;
            context.refusals().write(request, response, callback, error.status(), error);
            return;
        }
        Admission admission = tunnel.admit(new Peer(request, context.trusted()));
        if (admission instanceof Admission.Admitted admitted) {
            Visitor visitor = new Visitor(context, request, response, callback);
            new Exchange(context, pool(tunnel), visitor, ask == UpgradeDetector.Ask.UPGRADE, admitted).start();
        } else if (admission instanceof Admission.Refused refused) {
            refuse(request, response, callback, refused, tunnel);
        }
    }

    private void refuse(
            Request request, Response response, Callback callback, Admission.Refused refused, PublicTunnel tunnel) {
        HttpFields.Mutable fields = response.getHeaders();
        if (refused.error() == TunnelError.AUTHENTICATION_REQUIRED) {
            fields.put(HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"" + tunnel.name() + "\", charset=\"UTF-8\"");
        }
        if (refused.retryAfterSeconds() > 0) {
            fields.put(HttpHeader.RETRY_AFTER, refused.retryAfterSeconds());
        }
        if (RequestHead.hasBody(request)) {
            fields.put(HttpFields.CONNECTION_CLOSE);
        }
        Callback then = Refusal.of(request, callback, context.scheduler());
        context.refusals().write(request, response, then, refused.error().status(), refused.error());
    }

    /** A body whose coding the edge would have to pass on blindly, or that HTTP/1.0 does not know (RFC 9112, section 6.1). */
    private static boolean hasBadFraming(Request request) {
        for (HttpField field : request.getHeaders()) {
            if (field.getHeader() == HttpHeader.TRANSFER_ENCODING) {
                if (!HttpHeaderValue.CHUNKED.is(field.getValue())
                        || request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_0) {
                    return true;
                }
            }
        }
        return false;
    }

    private StreamPool pool(PublicTunnel tunnel) {
        StreamPool present = pools.get(tunnel);
        if (present != null) {
            return present;
        }
        StreamPool added = new StreamPool(tunnel, context);
        StreamPool before = pools.putIfAbsent(tunnel, added);
        if (before != null) {
            return before;
        }
        tunnel.onEnded(() -> {
            pools.remove(tunnel, added);
            added.close();
        });
        if (closed) {
            added.close();
        }
        return added;
    }

    /** Closes streams that wait for a request. Exchanges that are going on end by themselves, or with their connections. */
    public void close() {
        closed = true;
        pools.values().forEach(StreamPool::close);
    }
}
