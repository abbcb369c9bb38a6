package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TunnelError;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What Jetty itself refuses, such as a malformed request, answered like every other error of the edge. Ends the connection. */
final class JettyErrors implements Request.Handler {
    private final ErrorPages pages;

    JettyErrors(ErrorPages pages) {
        this.pages = pages;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        response.getHeaders().put(HttpFields.CONNECTION_CLOSE);
        pages.write(request, response, callback, status, errorFor(status));
        return true;
    }

    private static TunnelError errorFor(int status) {
        return switch (status) {
            case HttpStatus.URI_TOO_LONG_414, HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
                TunnelError.HEAD_TOO_LARGE;
            case HttpStatus.METHOD_NOT_ALLOWED_405 -> TunnelError.METHOD_REFUSED;
            case HttpStatus.NOT_FOUND_404 -> TunnelError.UNKNOWN_TUNNEL;
            case HttpStatus.SERVICE_UNAVAILABLE_503 -> TunnelError.CLOSING;
            default -> {
                boolean visitorsFault =
                        HttpStatus.isClientError(status) || status == HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505;
                yield visitorsFault ? TunnelError.BAD_REQUEST : TunnelError.INTERNAL;
            }
        };
    }
}
