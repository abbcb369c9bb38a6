package io.culvert.tunnel.jetty.internal.admin;

import io.culvert.tunnel.AdminOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Who may see the admin pages. Without a token that is everyone on the machine but the web pages that a browser there shows: a page of some
 * other site, under a name of its own that leads to loopback, is told by the Host or the Origin that it sends.
 */
final class AdminDoor {
    private static final Pattern IP_LITERAL = Pattern.compile("[0-9]+(\\.[0-9]+){3}|[0-9a-f:.]*:[0-9a-f:.]*");
    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";

    private final String bind;
    private final byte @Nullable [] digest;

    AdminDoor(AdminOptions options) {
        this.bind = options.bind().toLowerCase(Locale.ROOT);
        this.digest = options.token().map(AdminDoor::digest).orElse(null);
    }

    /** Whether a token is asked for. */
    boolean isLocked() {
        return digest != null;
    }

    /** The status that turns the request away; 0 to let it in. */
    int refusal(Request request) {
        HttpURI target = request.getHttpURI();
        if (!isLocked() && !isOwn(target.getHost())) {
            return HttpStatus.MISDIRECTED_REQUEST_421;
        }
        if (isForeign(request)) {
            return HttpStatus.FORBIDDEN_403;
        }
        return digest == null || holdsToken(request.getHeaders(), digest) ? 0 : HttpStatus.UNAUTHORIZED_401;
    }

    private boolean isOwn(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
        return name.equals("localhost")
                || name.equals(bind)
                || IP_LITERAL.matcher(name).matches();
    }

    /** Whether another site's page sends it. */
    private static boolean isForeign(Request request) {
        HttpFields fields = request.getHeaders();
        String own =
                (request.getConnectionMetaData().isSecure() ? "https://" : "http://") + fields.get(HttpHeader.HOST);
        return fields.getValuesList(HttpHeader.ORIGIN).stream().anyMatch(origin -> !origin.equalsIgnoreCase(own));
    }

    private static boolean holdsToken(HttpFields fields, byte[] wanted) {
        return fields.getValuesList(HttpHeader.AUTHORIZATION).stream()
                .map(AdminDoor::token)
                .flatMap(Optional::stream)
                .anyMatch(token -> MessageDigest.isEqual(digest(token), wanted));
    }

    private static Optional<String> token(String authorization) {
        if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.of(authorization.substring(BEARER.length()).trim());
        }
        if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return Optional.empty();
        }
        try {
            byte[] pair = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).trim());
            String text = new String(pair, StandardCharsets.UTF_8);
            return Optional.of(text.substring(text.indexOf(':') + 1));
        } catch (IllegalArgumentException x) {
            return Optional.empty();
        }
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException x) {
            throw new IllegalStateException("Every JDK has SHA-256", x);
        }
    }
}
