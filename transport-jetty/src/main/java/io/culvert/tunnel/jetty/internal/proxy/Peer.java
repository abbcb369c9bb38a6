package io.culvert.tunnel.jetty.internal.proxy;

import io.culvert.tunnel.AddressRange;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.net.VisitorRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a request's connection, and whom it speaks for. The one place that says so: to the tunnel's protection, and to
 * the local service by {@code X-Forwarded-For}.
 */
public final class Peer implements VisitorRequest {
    private final Request request;
    private final Predicate<InetAddress> trusted;
    private final @Nullable InetAddress address;
    private final boolean isTrusted;

    /** Of a request that came in, perhaps through one of the trusted proxies. */
    public Peer(Request request, Predicate<InetAddress> trusted) {
        this.request = request;
        this.trusted = trusted;
        this.address = request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress inet
                ? inet.getAddress()
                : null;
        this.isTrusted = address != null && trusted.test(address);
    }

    /** Whether it is a proxy whose forwarding fields are believed. */
    boolean isTrusted() {
        return isTrusted;
    }

    /** {@code X-Forwarded-For} as the local service sees it: continued where a trusted proxy began it, else begun. */
    String forwardedFor() {
        String before = isTrusted ? String.join(", ", forwarded()) : "";
        return before.isEmpty() ? text() : before + ", " + text();
    }

    private List<String> forwarded() {
        return request.getHeaders().getValuesList(HttpHeader.X_FORWARDED_FOR);
    }

    private String text() {
        if (address == null) {
            return "unknown"; // RFC 7239, section 6.2
        }
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** {@inheritDoc} Of what trusted proxies forwarded, the last that is not one of them: what comes before it anyone can have written. */
    @Override
    public Optional<InetAddress> address() {
        if (!isTrusted) {
            return Optional.ofNullable(address);
        }
        List<String> hops = new ArrayList<>();
        forwarded().forEach(value -> hops.addAll(List.of(value.split(",", -1))));
        InetAddress last = address;
        for (int i = hops.size() - 1; i >= 0 && last != null && trusted.test(last); i--) {
            last = parse(hops.get(i).strip());
        }
        return Optional.ofNullable(last);
    }

    /** An address, perhaps with a port, as some proxies write it; null for anything else. */
    private static @Nullable InetAddress parse(String hop) {
        String literal = hop;
        int bracket = hop.indexOf(']');
        if (hop.startsWith("[") && bracket > 0) {
            literal = hop.substring(1, bracket);
        } else if (hop.indexOf(':') >= 0 && hop.indexOf(':') == hop.lastIndexOf(':')) {
            literal = hop.substring(0, hop.indexOf(':'));
        }
        try {
            return AddressRange.address(literal);
        } catch (TunnelException x) {
            return null;
        }
    }

    @Override
    public List<String> authorization() {
        return request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION);
    }

    @Override
    public long contentLength() {
        HttpFields fields = request.getHeaders();
        return fields.contains(HttpHeader.CONTENT_LENGTH) ? request.getLength() : -1;
    }
}
