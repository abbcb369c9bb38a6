package io.culvert.tunnel.inspector.internal;

import java.util.Locale;
import java.util.Set;

/** Fields whose values do not leave the process until someone asks for them. */
final class Secrets {
    static final String MASK = "••••••••";

    private static final Set<String> NAMES = Set.of(
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
            "x-auth-token",
            "x-csrf-token");

    private Secrets() {}

    static boolean isSecret(String field) {
        return NAMES.contains(field.toLowerCase(Locale.ROOT));
    }
}
