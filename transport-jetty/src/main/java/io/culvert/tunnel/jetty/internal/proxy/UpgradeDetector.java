package io.culvert.tunnel.jetty.internal.proxy;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/**
 * Tells requests that ask for an upgrade (RFC 9110, section 7.8) from all others. Only protocols on a list pass, as an upgrade that
 * the edge does not know, such as {@code h2c}, would carry requests that the edge never sees.
 *
 * <p>A WebSocket handshake without a key or with another version than 13 is one all the same: refusing it with 400 or 426 (RFC 6455,
 * section 4.2.2) is up to the local service.
 */
public final class UpgradeDetector {
    private static final Set<String> ALLOWED = Set.of("websocket");

    private UpgradeDetector() {}

    /** What a request asks for. */
    public enum Ask {
        /** No upgrade, or none that passes: the request goes on without its Upgrade field. */
        NOTHING,
        /** An upgrade that the local service may accept. */
        UPGRADE,
        /** An upgrade with a body, whose end nobody could agree on. */
        UPGRADE_WITH_BODY
    }

    /** What the request asks for. */
    public static Ask detect(Request request) {
        return detect(
                request.getMethod(),
                request.getConnectionMetaData().getHttpVersion(),
                request.getHeaders(),
                request.getLength());
    }

    /**
     * What a request asks for.
     *
     * @param length the value of Content-Length, or negative
     */
    static Ask detect(String method, HttpVersion version, HttpFields fields, long length) {
        if (!fields.contains(HttpHeader.UPGRADE)
                || version != HttpVersion.HTTP_1_1
                || !HttpMethod.GET.is(method)
                || !fields.contains(HttpHeader.CONNECTION, "upgrade")
                || protocol(fields).isEmpty()) {
            return Ask.NOTHING;
        }
        return length > 0 || fields.contains(HttpHeader.TRANSFER_ENCODING) ? Ask.UPGRADE_WITH_BODY : Ask.UPGRADE;
    }

    /** The first protocol in the message's Upgrade fields that may pass, in lower case. */
    static Optional<String> protocol(HttpFields fields) {
        for (HttpField field : fields) {
            if (field.getHeader() == HttpHeader.UPGRADE && field.getValue() != null) {
                for (String value : field.getValueList()) {
                    String protocol = value.toLowerCase(Locale.ROOT);
                    if (ALLOWED.contains(protocol)) {
                        return Optional.of(protocol);
                    }
                }
            }
        }
        return Optional.empty();
    }
}
