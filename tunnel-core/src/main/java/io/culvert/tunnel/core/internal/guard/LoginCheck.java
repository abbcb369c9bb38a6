package io.culvert.tunnel.core.internal.guard;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelProtection;
import io.culvert.tunnel.message.TunnelMessage.Login;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Basic authentication (RFC 7617) against salted hashes. Takes the same time whichever login fits, or none. Immutable. */
final class LoginCheck {
    private static final String SCHEME = "Basic ";
    private static final int HASH_BYTES = 32;
    private static final int MIN_SALT_BYTES = 8;
    private static final int MAX_SALT_BYTES = 64;

    private final List<Salted> logins;

    private record Salted(byte[] salt, byte[] hash) {}

    /** @throws TunnelException {@code BAD_CONFIGURATION} if one is not what it should be */
    LoginCheck(List<Login> logins) {
        List<Salted> decoded = new ArrayList<>();
        for (Login login : logins) {
            byte[] salt = decode(login.salt());
            byte[] hash = decode(login.hash());
            if (salt.length < MIN_SALT_BYTES || salt.length > MAX_SALT_BYTES || hash.length != HASH_BYTES) {
                throw notSalted();
            }
            decoded.add(new Salted(salt, hash));
        }
        this.logins = List.copyOf(decoded);
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException x) {
            throw notSalted();
        }
    }

    private static TunnelException notSalted() {
        return new TunnelException(
                TunnelError.BAD_CONFIGURATION, "A login must be a salt and a SHA-256 hash, both in base64.");
    }

    boolean isEmpty() {
        return logins.isEmpty();
    }

    /** Whether a value of {@code Authorization} is one that a browser sends after asking its user. */
    static boolean isAttempt(String authorization) {
        return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    /** Whether it holds a login that fits. */
    boolean accepts(String authorization) {
        byte[] given;
        try {
            given = Base64.getDecoder()
                    .decode(authorization.substring(SCHEME.length()).strip());
        } catch (IllegalArgumentException x) {
            return false;
        }
        boolean found = false;
        for (Salted login : logins) {
            found |= MessageDigest.isEqual(login.hash, TunnelProtection.Login.hash(login.salt, given));
        }
        return found;
    }
}
