package io.culvert.tunnel.jetty.internal.proxy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpGenerator;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.PreEncodedHttpField;
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

    private final Request request;
    private final boolean upgrade;
    private final Optional<String> hostHeader;
    private final boolean dropAuthorization;
    private final Peer peer;
    private final boolean fromTrusted;

    private RequestHead(
            Request request, boolean upgrade, Optional<String> hostHeader, boolean dropAuthorization, Peer peer) {
        this.request = request;
        this.upgrade = upgrade;
        this.hostHeader = hostHeader;
        this.dropAuthorization = dropAuthorization;
        this.peer = peer;
        this.fromTrusted = peer.isTrusted();
    }

    /**
     * Writes the head into a buffer of the pool.
     *
     * @param upgrade whether to ask for the upgrade that the visitor asks for
     * @param hostHeader the Host that the local service is to see, if not the visitor's
     * @param dropAuthorization whether {@code Authorization} was meant for the edge
     * @return ready to be sent, to be released by the caller
     */
    static RetainableByteBuffer encode(
            Request request,
            boolean upgrade,
            Optional<String> hostHeader,
            boolean dropAuthorization,
            ProxyContext context) {
        Peer peer = new Peer(request, context.trusted());
        RequestHead head = new RequestHead(request, upgrade, hostHeader, dropAuthorization, peer);
        RetainableByteBuffer buffer = context.buffers().acquire(USUAL_BYTES, true);
        try {
            head.fill(buffer.getByteBuffer());
            return buffer;
        } catch (BufferOverflowException x) {
            buffer.release();
        }
        buffer = context.buffers().acquire(MAX_BYTES, true);
        try {
            head.fill(buffer.getByteBuffer());
            return buffer;
        } catch (BufferOverflowException x) {
            buffer.release();
            throw x;
        }
    }

    private void fill(ByteBuffer target) {
        BufferUtil.clearToFill(target);
        HttpFields fields = request.getHeaders();
        HopByHop hopByHop = HopByHop.of(fields);
        String authority = authority(request);
        target.put(ascii(request.getMethod())).put((byte) ' ');
        target.put(request.getHttpURI().getPathQuery().getBytes(StandardCharsets.UTF_8));
        target.put(HTTP_1_1);
        HttpGenerator.putTo(new HttpField(HttpHeader.HOST, hostHeader.orElse(authority)), target);
        boolean te = false;
        for (HttpField field : fields) {
            te |= field.getHeader() == HttpHeader.TE && field.contains("trailers");
            if (!hopByHop.contains(field) && !isOurs(field)) {
                HttpGenerator.putTo(field, target);
            }
        }
        putForwarded(authority, target);
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

    private boolean isOurs(HttpField field) {
        HttpHeader header = field.getHeader();
        if (header == null) {
            return !fromTrusted
                    && field.getName().regionMatches(true, 0, FORWARDED_PREFIX, 0, FORWARDED_PREFIX.length());
        }
        return switch (header) {
            case HOST, CONTENT_LENGTH, X_FORWARDED_FOR -> true;
            case FORWARDED, X_FORWARDED_HOST, X_FORWARDED_PORT, X_FORWARDED_PROTO, X_FORWARDED_SERVER -> !fromTrusted;
            case AUTHORIZATION -> dropAuthorization;
            case EXPECT -> !expectsContinue(request);
            case TRAILER -> !isChunked(request);
            default -> false;
        };
    }

    /** What a trusted proxy says passes; the rest is said anew. */
    private void putForwarded(String authority, ByteBuffer target) {
        HttpFields fields = request.getHeaders();
        HttpGenerator.putTo(new HttpField(HttpHeader.X_FORWARDED_FOR, peer.forwardedFor()), target);
        if (!fromTrusted || !fields.contains(HttpHeader.X_FORWARDED_PROTO)) {
            HttpGenerator.putTo(request.isSecure() ? PROTO_HTTPS : PROTO_HTTP, target);
        }
        if (!fromTrusted || !fields.contains(HttpHeader.X_FORWARDED_HOST)) {
            HttpGenerator.putTo(new HttpField(HttpHeader.X_FORWARDED_HOST, authority), target);
        }
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
