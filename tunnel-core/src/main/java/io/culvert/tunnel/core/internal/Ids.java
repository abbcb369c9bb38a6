package io.culvert.tunnel.core.internal;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Random identifiers and secrets in lower-case hexadecimal. */
public final class Ids {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 16;
    private static final int SECRET_BYTES = 32;

    private Ids() {}

    /** 128 random bits. */
    public static String id() {
        return random(ID_BYTES);
    }

    /** 256 random bits. */
    public static String secret() {
        return random(SECRET_BYTES);
    }

    private static String random(int bytes) {
        byte[] id = new byte[bytes];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
