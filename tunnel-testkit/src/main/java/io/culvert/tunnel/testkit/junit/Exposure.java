package io.culvert.tunnel.testkit.junit;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thing to expose.
 *
 * @param key by what it is asked for
 * @param name the tunnel's name at the relay, if not a random one
 * @param what for an error: {@code @Exposed int port of WebhookTest}
 * @param value what there is to expose now; null or an exception if nothing
 */
record Exposure(String key, Optional<String> name, String what, Supplier<@Nullable Object> value) {
    /**
     * Where the tunnel is to end; empty as long as that is not known.
     *
     * @throws IllegalStateException if it cannot be told, with a sentence
     */
    Optional<Target> target() {
        Object now;
        try {
            now = value.get();
        } catch (RuntimeException x) {
            throw new IllegalStateException(what + " cannot be read yet, but its tunnel is asked for: " + x, x);
        }
        try {
            return Target.of(now, name);
        } catch (IllegalArgumentException x) {
            throw new IllegalStateException(what + " " + x.getMessage() + ".", x);
        }
    }

    /** The error where a target is needed, and there is none. */
    IllegalStateException unknown() {
        return new IllegalStateException(
                what + " has no value yet, but its tunnel is asked for. Set it where it is declared, in @BeforeAll"
                        + " or in @BeforeEach, and ask for the tunnel after that.");
    }
}
