package io.culvert.tunnel.jetty.internal.edge;

import java.util.Locale;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Whom a request is for. The one place that reads it, so that routing and what the local service sees cannot differ. */
final class Hosts {
    private Hosts() {}

    /** The host of the request's authority in lower case, without port, trailing dot or brackets; null if there is none. */
    static @Nullable String of(Request request) {
        String host = request.getHttpURI().getHost();
        if (host == null || host.isEmpty()) {
            return null;
        }
        int last = host.length() - 1;
        if (host.charAt(0) == '[' && host.charAt(last) == ']') {
            return host.substring(1, last).toLowerCase(Locale.ROOT);
        }
        return (host.charAt(last) == '.' ? host.substring(0, last) : host).toLowerCase(Locale.ROOT);
    }
}
