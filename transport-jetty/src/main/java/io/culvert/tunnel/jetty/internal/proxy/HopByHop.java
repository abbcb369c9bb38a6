package io.culvert.tunnel.jetty.internal.proxy;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Fields that concern one connection only and go no further (RFC 9110, section 7.6.1). */
final class HopByHop {
    private static final EnumSet<HttpHeader> ALWAYS = EnumSet.of(
            HttpHeader.CONNECTION,
            HttpHeader.KEEP_ALIVE,
            HttpHeader.PROXY_CONNECTION,
            HttpHeader.PROXY_AUTHENTICATE,
            HttpHeader.PROXY_AUTHORIZATION,
            HttpHeader.TE,
            HttpHeader.TRANSFER_ENCODING,
            HttpHeader.UPGRADE);

    /** Fields that a Connection field cannot take away: without them the message would be another one, or come from elsewhere. */
    private static final EnumSet<HttpHeader> NEVER = EnumSet.of(
            HttpHeader.HOST,
            HttpHeader.CONTENT_LENGTH,
            HttpHeader.EXPECT,
            HttpHeader.TRAILER,
            HttpHeader.FORWARDED,
            HttpHeader.X_FORWARDED_HOST,
            HttpHeader.X_FORWARDED_PORT,
            HttpHeader.X_FORWARDED_PROTO,
            HttpHeader.X_FORWARDED_SERVER);

    /** Fields that must not stand behind a body (RFC 9110, section 6.5.1). */
    private static final EnumSet<HttpHeader> NOT_IN_TRAILERS = EnumSet.of(
            HttpHeader.HOST,
            HttpHeader.CONTENT_LENGTH,
            HttpHeader.CONTENT_ENCODING,
            HttpHeader.CONTENT_TYPE,
            HttpHeader.CONTENT_RANGE,
            HttpHeader.EXPECT,
            HttpHeader.TRAILER,
            HttpHeader.AUTHORIZATION,
            HttpHeader.COOKIE,
            HttpHeader.SET_COOKIE);

    private final Set<String> named;

    private HopByHop(Set<String> named) {
        this.named = named;
    }

    /** Those of one message: the well-known ones and what its Connection fields name. */
    static HopByHop of(HttpFields fields) {
        Set<String> named = null;
        for (HttpField field : fields) {
            String value = field.getValue();
            if (field.getHeader() == HttpHeader.CONNECTION && value != null && !namesNothing(value)) {
                if (named == null) {
                    named = new HashSet<>();
                }
                for (String name : field.getValueList()) {
                    named.add(name.toLowerCase(Locale.ROOT));
                }
            }
        }
        return new HopByHop(named == null ? Set.of() : named);
    }

    private static boolean namesNothing(String connection) {
        return connection.equalsIgnoreCase("keep-alive") || connection.equalsIgnoreCase("close");
    }

    /** Whether the field stays behind. */
    boolean contains(HttpField field) {
        HttpHeader header = field.getHeader();
        if (header != null && ALWAYS.contains(header)) {
            return true;
        }
        return !named.isEmpty()
                && named.contains(field.getLowerCaseName())
                && (header == null || !NEVER.contains(header));
    }

    /** Whether a field may stand in the trailers. */
    static boolean allowedInTrailers(HttpField field) {
        HttpHeader header = field.getHeader();
        return header == null || !ALWAYS.contains(header) && !NOT_IN_TRAILERS.contains(header);
    }
}
