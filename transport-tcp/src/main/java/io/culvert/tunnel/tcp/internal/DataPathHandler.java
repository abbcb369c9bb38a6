package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.JettyRelayHost;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.TunnelSupport;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets agents' data connections in: the relay's side of {@code GET /_ws_proxy/<id>}. One for all sessions of a relay. */
final class DataPathHandler extends Handler.Abstract.NonBlocking {
    private static final Logger LOG = LoggerFactory.getLogger(DataPathHandler.class);
    private static final String SCHEME = "Bearer ";

    /** What an unknown id is compared with, so that it takes as long as a wrong secret. */
    private static final Grant NOBODY = new Grant("", new byte[32], grant -> {}, stream -> {});

    private final JettyRelayHost host;
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();

    DataPathHandler(JettyRelayHost host) {
        this.host = host;
    }

    /** Knows a grant from now on. */
    void admit(Grant grant) {
        grants.put(grant.id(), grant);
    }

    /** Knows it no more: the id is answered as any unknown one. */
    void forget(Grant grant) {
        grants.remove(grant.id(), grant);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        if (path == null || !path.startsWith(Wire.PATH)) {
            return false;
        }
        HttpFields fields = request.getHeaders();
        TunnelSupport tunnel = request.getTunnelSupport();
        if (!HttpMethod.GET.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, HttpMethod.GET.asString());
            refuse(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
        } else if (hasContent(fields)) {
            refuse(request, response, callback, HttpStatus.BAD_REQUEST_400);
        } else if (tunnel == null
                || request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_1
                || !fields.contains(HttpHeader.UPGRADE, Wire.PROTOCOL)
                || !fields.contains(HttpHeader.CONNECTION, "Upgrade")) {
            response.getHeaders().put(HttpHeader.UPGRADE, Wire.PROTOCOL);
            response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
            refuse(request, response, callback, HttpStatus.UPGRADE_REQUIRED_426);
        } else {
            admit(path.substring(Wire.PATH.length()), tunnel.getEndPoint(), request, response, callback);
        }
        return true;
    }

    /** Content ahead of the switched protocol would make it doubtful where that begins. */
    private static boolean hasContent(HttpFields fields) {
        return fields.contains(HttpHeader.TRANSFER_ENCODING) || fields.getLongField(HttpHeader.CONTENT_LENGTH) > 0;
    }

    private void admit(String id, EndPoint endPoint, Request request, Response response, Callback callback) {
        Grant grant = grants.getOrDefault(id, NOBODY);
        byte[] credential = credential(request.getHeaders()).orElse("").getBytes(StandardCharsets.UTF_8);
        if (!grant.accepts(credential) || grant == NOBODY) {
            refuseUnknown(request, response, callback);
        } else if (grant.use()) {
            host.admitted(request);
            EndPointStream stream = new EndPointStream(
                    id, endPoint, request.getConnectionMetaData().getConnector().getExecutor(), grant::arrived);
            request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, stream.connection());
            response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
            response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
            response.getHeaders().put(HttpHeader.UPGRADE, Wire.PROTOCOL);
            callback.succeeded();
        } else {
            refuse(request, response, callback, grant.isUsed() ? HttpStatus.CONFLICT_409 : HttpStatus.NOT_FOUND_404);
        }
    }

    /** The credential, if there is exactly one (RFC 6750, section 2.1). */
    private static Optional<String> credential(HttpFields fields) {
        Optional<String> found = Optional.empty();
        for (HttpField field : fields) {
            if (field.getHeader() == HttpHeader.AUTHORIZATION) {
                String value = field.getValue();
                if (found.isPresent() || value == null || !value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
                    return Optional.empty();
                }
                found = Optional.of(value.substring(SCHEME.length()));
            }
        }
        return found;
    }

    private void refuseUnknown(Request request, Response response, Callback callback) {
        long wait = host.refused(request);
        if (wait > 0) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, wait);
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        refuse(request, response, callback, wait > 0 ? HttpStatus.TOO_MANY_REQUESTS_429 : HttpStatus.NOT_FOUND_404);
    }

    private static void refuse(Request request, Response response, Callback callback, int status) {
        LOG.debug("Data connection from {} refused with {}", Request.getRemoteAddr(request), status);
        response.setStatus(status);
        callback.succeeded();
    }
}
