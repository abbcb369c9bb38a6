package io.culvert.tunnel;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Whom a tunnel lets in, and how much of them. The relay enforces it, on upgrades too, before a byte reaches the agent. Immutable; set by
 * {@link TunnelSpec.Builder#protection}. Without any of it everyone who knows the address comes in.
 */
public final class TunnelProtection {
    private static final int SALT_BYTES = 16;
    private static final int MAX_ENTRIES = 256;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A user and a password, of which only a salted hash is kept and sent.
     *
     * @param salt random bytes in base64
     * @param hash SHA-256 of the salt and {@code user:password} in UTF-8, in base64
     */
    public record Login(String salt, String hash) {
        @Override
        public String toString() {
            return "Login[]"; // not for logs
        }

        /**
         * Hashes with a new salt.
         *
         * @param user without a colon
         * @throws TunnelException {@code BAD_CONFIGURATION} if one cannot be sent by HTTP (RFC 7617, section 2)
         */
        static Login of(String user, String password) {
            if (user.indexOf(':') >= 0 || hasControls(user) || hasControls(password) || password.isEmpty()) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "A user has no colon, a password is not empty, and neither has control characters.");
            }
            byte[] salt = new byte[SALT_BYTES];
            RANDOM.nextBytes(salt);
            byte[] hash = hash(salt, (user + ":" + password).getBytes(StandardCharsets.UTF_8));
            return new Login(
                    Base64.getEncoder().encodeToString(salt),
                    Base64.getEncoder().encodeToString(hash));
        }

        private static boolean hasControls(String text) {
            return text.chars().anyMatch(Character::isISOControl);
        }

        /** How a login is hashed. */
        public static byte[] hash(byte[] salt, byte[] userAndPassword) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(salt);
                return digest.digest(userAndPassword);
            } catch (NoSuchAlgorithmException x) {
                throw new AssertionError("every Java has SHA-256", x);
            }
        }
    }

    private final List<Login> logins;
    private final List<AddressRange> allowed;
    private final List<AddressRange> denied;
    private final Optional<Rate> requests;
    private final Optional<Rate> requestsPerVisitor;
    private final OptionalInt concurrentRequests;
    private final OptionalLong bodyBytes;

    private TunnelProtection(Builder b) {
        logins = List.copyOf(b.logins);
        allowed = List.copyOf(b.allowed);
        denied = List.copyOf(b.denied);
        requests = Optional.ofNullable(b.requests);
        requestsPerVisitor = Optional.ofNullable(b.requestsPerVisitor);
        concurrentRequests = b.concurrentRequests;
        bodyBytes = b.bodyBytes;
    }

    /** Who may come in with basic authentication; empty for everyone. */
    public List<Login> logins() {
        return logins;
    }

    /** The only addresses that may come in; empty for all. */
    public List<AddressRange> allowed() {
        return allowed;
    }

    /** Addresses that may not come in, even if they are allowed. */
    public List<AddressRange> denied() {
        return denied;
    }

    /** How many requests may come in from all visitors together. */
    public Optional<Rate> requests() {
        return requests;
    }

    /** How many requests may come in from one address. */
    public Optional<Rate> requestsPerVisitor() {
        return requestsPerVisitor;
    }

    /** How many requests and upgraded connections may be under way. */
    public OptionalInt concurrentRequests() {
        return concurrentRequests;
    }

    /** The largest body of a request in bytes. */
    public OptionalLong bodyBytes() {
        return bodyBytes;
    }

    /** Whether nothing is set. */
    public boolean isEmpty() {
        return logins.isEmpty()
                && allowed.isEmpty()
                && denied.isEmpty()
                && requests.isEmpty()
                && requestsPerVisitor.isEmpty()
                && concurrentRequests.isEmpty()
                && bodyBytes.isEmpty();
    }

    /** Collects a protection; each method checks its argument. */
    public static final class Builder {
        private final List<Login> logins = new ArrayList<>();
        private final List<AddressRange> allowed = new ArrayList<>();
        private final List<AddressRange> denied = new ArrayList<>();
        private @Nullable Rate requests;
        private @Nullable Rate requestsPerVisitor;
        private OptionalInt concurrentRequests = OptionalInt.empty();
        private OptionalLong bodyBytes = OptionalLong.empty();

        Builder() {}

        /**
         * Lets in who knows the password (basic authentication, RFC 7617); others get 401. May be called for several users. The
         * {@code Authorization} field does not reach the local service. Passwords travel in clear unless the relay has TLS.
         *
         * @throws TunnelException {@code BAD_CONFIGURATION} if the user has a colon, the password is empty, or one has control characters
         */
        public Builder login(String user, String password) {
            logins.add(Login.of(user, password));
            return checked();
        }

        /** Lets in these addresses ({@code 192.0.2.7}) and networks ({@code 10.0.0.0/8}, {@code 2001:db8::/32}) only; others get 403. */
        public Builder allow(String... addresses) {
            Arrays.stream(addresses).map(AddressRange::parse).forEach(allowed::add);
            return checked();
        }

        /** Keeps these addresses and networks out with 403, even if they are allowed. */
        public Builder deny(String... addresses) {
            Arrays.stream(addresses).map(AddressRange::parse).forEach(denied::add);
            return checked();
        }

        /** Requests of all visitors together; those beyond get 429. */
        public Builder requests(Rate rate) {
            this.requests = rate;
            return this;
        }

        /** Requests from one address (from one {@code /64} in IPv6); those beyond get 429. */
        public Builder requestsPerVisitor(Rate rate) {
            this.requestsPerVisitor = rate;
            return this;
        }

        /** Requests and upgraded connections at once, 1 to 1,048,576; those beyond get 503. */
        public Builder concurrentRequests(int count) {
            this.concurrentRequests = OptionalInt.of(AgentOptions.inRange("concurrentRequests", count, 1, 1 << 20));
            return this;
        }

        /** The largest body of a request in bytes, 0 or more; a larger one gets 413. */
        public Builder bodyBytes(long count) {
            if (count < 0) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION, "bodyBytes must not be negative: " + count + ".");
            }
            this.bodyBytes = OptionalLong.of(count);
            return this;
        }

        private Builder checked() {
            if (Math.max(logins.size(), Math.max(allowed.size(), denied.size())) > MAX_ENTRIES) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "A tunnel's protection has at most " + MAX_ENTRIES + " users, allowed and denied addresses.");
            }
            return this;
        }

        TunnelProtection build() {
            return new TunnelProtection(this);
        }
    }
}
