package io.culvert.tunnel.inspector.internal;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Lets in the inspector's own page and tools on this machine, and no page of another site, whatever name leads it to loopback. */
final class Door {
    private final Set<String> hosts;

    Door(int port) {
        hosts = Set.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    /** Why a request is turned away; null to let it in. */
    @Nullable
    String refusal(Request request) {
        List<String> named = request.getHeaders().getValuesList(HttpHeader.HOST);
        if (named.size() != 1 || !hosts.contains(named.get(0).toLowerCase(Locale.ROOT))) {
            return "The inspector answers under its own address only.";
        }
        for (String origin : request.getHeaders().getValuesList(HttpHeader.ORIGIN)) {
            if (!origin.equalsIgnoreCase("http://" + named.get(0))) {
                return "The inspector does not answer pages of other sites.";
            }
        }
        String site = request.getHeaders().get("Sec-Fetch-Site");
        boolean changes = !HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod());
        if (site != null && !site.equals("same-origin") && (changes || !site.equals("none"))) {
            return "The inspector does not answer pages of other sites.";
        }
        return null;
    }
}
