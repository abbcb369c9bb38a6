package io.culvert.tunnel.examples.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 (RFC 2104) over a delivery's id and body: {@code sha256=} and 64 hexadecimal digits. Thread-safe. */
final class Signature {
    static final String FIELD = "X-Signature";

    private final SecretKeySpec key;

    Signature(String secret) {
        key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    String of(String delivery, byte[] body) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            mac.update(delivery.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) '\n');
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException x) {
            throw new IllegalStateException("Every JDK has HmacSHA256.", x);
        }
    }

    /** Takes the same time whatever is wrong, so that nobody can guess a signature digit by digit. */
    boolean matches(String claimed, String delivery, byte[] body) {
        return MessageDigest.isEqual(
                claimed.getBytes(StandardCharsets.UTF_8), of(delivery, body).getBytes(StandardCharsets.UTF_8));
    }
}
