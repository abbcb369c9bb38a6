package io.culvert.tunnel.jetty.internal.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;

/**
 * Writes the head of the request that the local service sees: the visitor's method, target and fields, without the hop-by-hop ones, with
 * the edge's own framing and {@code X-Forwarded-*}.
 */
final class RequestHead {
    /** Enough for nearly all heads. */
    private static final int USUAL_BYTES = 4096;

    /** What the largest head that the edge accepts can grow to. */
    private static final int MAX_BYTES = 32 * 1024;

    private static final String FORWARDED_PREFIX = "x-forwarded-";
    private static final byte[] HTTP_1_1 = ascii(" HTTP/1.1\r\n");
    private static final byte[] CRLF = ascii("\r\n");
    private static final HttpField CHUNKED = new PreEncodedHttpField(HttpHeader.TRANSFER_ENCODING, "chunked");
    private static final HttpField TE = new PreEncodedHttpField(HttpHeader.TE, "trailers");
    private static final HttpField CONNECTION_TE = new PreEncodedHttpField(HttpHeader.CONNECTION, "TE");
    private static final HttpField CONNECTION_UPGRADE = new PreEncodedHttpField(HttpHeader.CONNECTION, "Upgrade");
    private static final HttpField PROTO_HTTP = new PreEncodedHttpField(HttpHeader.X_FORWARDED_PROTO, "http");
    private static final HttpField PROTO_HTTPS = new PreEncodedHttpField(HttpHeader.X_FORWARDED_PROTO, "https");

    private RequestHead() {}

    /**
     * Writes the head into a buffer of the pool.
     *
     * @param upgrade whether to ask for the upgrade that the visitor asks for
     * @return ready to be sent, to be released by the caller
     */
    static RetainableByteBuffer encode(Request request, boolean upgrade, ByteBufferPool pool) {
        RetainableByteBuffer buffer = pool.acquire(USUAL_BYTES, true);
        try {
            fill(request, upgrade, buffer.getByteBuffer());
            return buffer;
        } catch (BufferOverflowException x) {
            buffer.release();
        }
        buffer = pool.acquire(MAX_BYTES, true);
        try {
            fill(request, upgrade, buffer.getByteBuffer());
            return buffer;
        } catch (BufferOverflowException x) {
            buffer.release();
            throw x;
        }
    }

    private static void fill(Request request, boolean upgrade, ByteBuffer target) {
        BufferUtil.clearToFill(target);
        HttpFields fields = request.getHeaders();
        HopByHop hopByHop = HopByHop.of(fields);
        String authority = authority(request);
        target.put(ascii(request.getMethod())).put((byte) ' ');
        target.put(request.getHttpURI().getPathQuery().getBytes(StandardCharsets.UTF_8));
        target.put(HTTP_1_1);
        HttpGenerator.putTo(new HttpField(HttpHeader.HOST, authority), target);
        boolean te = false;
        for (HttpField field : fields) {
            te |= field.getHeader() == HttpHeader.TE && field.contains("trailers");
            if (!hopByHop.contains(field) && !isOurs(field, request)) {
                HttpGenerator.putTo(field, target);
            }
        }
        putForwarded(request, authority, target);
        putFraming(request, target);
        if (upgrade) {
            HttpGenerator.putTo(CONNECTION_UPGRADE, target);
            UpgradeDetector.protocol(fields)
                    .ifPresent(protocol -> HttpGenerator.putTo(new HttpField(HttpHeader.UPGRADE, protocol), target));
        } else if (te) {
            HttpGenerator.putTo(CONNECTION_TE, target);
            HttpGenerator.putTo(TE, target);
        }
        target.put(CRLF);
        BufferUtil.flipToFlush(target, 0);
    }

    /** Host as the visitor sent it; HTTP/1.0 may go without. */
    private static String authority(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        return host != null ? host : request.getHttpURI().getAuthority();
    }

    private static boolean isOurs(HttpField field, Request request) {
        HttpHeader header = field.getHeader();
        if (header == null) {
            return field.getName().regionMatches(true, 0, FORWARDED_PREFIX, 0, FORWARDED_PREFIX.length());
        }
        return switch (header) {
            case HOST,
                    CONTENT_LENGTH,
                    FORWARDED,
                    X_FORWARDED_FOR,
                    X_FORWARDED_HOST,
                    X_FORWARDED_PORT,
                    X_FORWARDED_PROTO,
                    X_FORWARDED_SERVER -> true;
            case EXPECT -> !expectsContinue(request);
            case TRAILER -> !isChunked(request);
            default -> false;
        };
    }

    private static void putForwarded(Request request, String authority, ByteBuffer target) {
        HttpGenerator.putTo(new HttpField(HttpHeader.X_FORWARDED_FOR, visitorAddress(request)), target);
        HttpGenerator.putTo(request.isSecure() ? PROTO_HTTPS : PROTO_HTTP, target);
        HttpGenerator.putTo(new HttpField(HttpHeader.X_FORWARDED_HOST, authority), target);
    }

    private static String visitorAddress(Request request) {
        if (request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress inet) {
            InetAddress address = inet.getAddress();
            if (address != null) {
                String text = address.getHostAddress();
                int zone = text.indexOf('%');
                return zone < 0 ? text : text.substring(0, zone);
            }
        }
        return "unknown"; // RFC 7239, section 6.2
    }

    private static void putFraming(Request request, ByteBuffer target) {
        if (isChunked(request)) {
            HttpGenerator.putTo(CHUNKED, target);
        } else if (request.getLength() >= 0) {
            HttpGenerator.putTo(new HttpField(HttpHeader.CONTENT_LENGTH, Long.toString(request.getLength())), target);
        }
    }

    /** Whether the body comes in chunks. */
    static boolean isChunked(Request request) {
        return request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    }

    /** Whether a body follows. */
    static boolean hasBody(Request request) {
        return request.getLength() > 0 || isChunked(request);
    }

    /** Whether the visitor waits for a 100 before it sends the body (RFC 9110, section 10.1.1). */
    static boolean expectsContinue(Request request) {
        return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
                && hasBody(request)
                && request.getHeaders().contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
