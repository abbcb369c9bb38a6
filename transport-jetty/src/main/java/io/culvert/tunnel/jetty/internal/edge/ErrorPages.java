package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.jetty.internal.proxy.Refusals;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The edge's own answers: a code in {@code Tunnel-Error}, a sentence for a person, and nothing of what the visitor sent. Plain text,
 * or HTML for those who ask for it.
 */
final class ErrorPages implements Refusals {
    private static final String TUNNEL_ERROR = "Tunnel-Error";

    /** Seconds after which another attempt makes sense, where one can help. */
    private static final String RETRY_AFTER = "2";

    private final RelayFace face;

    ErrorPages(RelayFace face) {
        this.face = face;
    }

    /** Answers with the error's own status and completes the request. */
    void write(Request request, Response response, Callback callback, TunnelError error) {
        write(request, response, callback, error.status(), error);
    }

    @Override
    public void write(Request request, Response response, Callback callback, int status, TunnelError error) {
        face.visitorRefused(error);
        boolean html = acceptsHtml(request.getHeaders());
        response.setStatus(status);
        HttpFields.Mutable fields = response.getHeaders();
        fields.put(TUNNEL_ERROR, error.code());
        fields.put(HttpHeader.CACHE_CONTROL, "no-store");
        fields.put(HttpHeader.CONTENT_TYPE, html ? "text/html;charset=utf-8" : "text/plain;charset=utf-8");
        if (status == HttpStatus.SERVICE_UNAVAILABLE_503) {
            fields.put(HttpHeader.RETRY_AFTER, RETRY_AFTER);
        }
        String page = html ? html(status, error) : text(status, error);
        response.write(true, ByteBuffer.wrap(page.getBytes(StandardCharsets.UTF_8)), callback);
    }

    private static boolean acceptsHtml(HttpFields fields) {
        return fields.contains(HttpHeader.ACCEPT)
                && fields.getCSV(HttpHeader.ACCEPT, false).stream()
                        .anyMatch(range -> range.regionMatches(true, 0, "text/html", 0, "text/html".length()));
    }

    private static String text(int status, TunnelError error) {
        return status + " " + error.code() + "\n" + error.advice() + "\n";
    }

    /** Codes and sentences are the library's own and need no escaping. */
    private static String html(int status, TunnelError error) {
        return "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + status + " " + error.code()
                + "</title>\n<h1>" + status + " <code>" + error.code() + "</code></h1>\n<p>" + error.advice()
                + "</p></html>\n";
    }
}
