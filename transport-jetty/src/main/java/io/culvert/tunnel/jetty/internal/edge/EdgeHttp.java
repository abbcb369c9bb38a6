package io.culvert.tunnel.jetty.internal.edge;

import java.util.EnumSet;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;

/** How strictly the edge reads, and how little it adds. */
final class EdgeHttp {
    /** The head of a visitor's request. */
    private static final int MAX_REQUEST_HEAD = 16 * 1024;

    /** Trailers of a local service fit too, as Jetty has no second try for them. */
    private static final int USUAL_RESPONSE_HEAD = 20 * 1024;

    /** A local service's head, which is limited before, and what the edge adds. */
    private static final int MAX_RESPONSE_HEAD = 32 * 1024;

    private static final int INPUT_BUFFER = 16 * 1024;

    /** Targets go to the local service byte for byte, and nothing is routed by path; so only what is no URI at all is refused. */
    private static final UriCompliance TARGETS = new UriCompliance(
            "CULVERT",
            EnumSet.complementOf(EnumSet.of(
                    Violation.BAD_PERCENT_ENCODING,
                    Violation.UTF16_ENCODINGS,
                    Violation.FRAGMENT,
                    Violation.USER_INFO)));

    private EdgeHttp() {}

    static HttpConfiguration configuration() {
        HttpConfiguration http = new HttpConfiguration();
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(TARGETS);
        http.setRequestHeaderSize(MAX_REQUEST_HEAD);
        http.setResponseHeaderSize(USUAL_RESPONSE_HEAD);
        http.setMaxResponseHeaderSize(MAX_RESPONSE_HEAD);
        http.setInputBufferSize(INPUT_BUFFER);
        http.setHeaderCacheSize(0); // it would hold 100 KiB for each connection that sent two requests
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setSendDateHeader(false);
        return http;
    }
}
