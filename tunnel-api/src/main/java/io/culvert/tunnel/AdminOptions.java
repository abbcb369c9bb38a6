package io.culvert.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A relay's admin port: {@code /healthz}, {@code /readyz} and pages for who runs the relay, apart from what visitors and agents reach.
 * Immutable; set by {@link RelayOptions.Builder#admin}.
 */
public final class AdminOptions {
    private final String bind;
    private final int port;
    private final Optional<String> token;
    private final List<Page> pages;

    private AdminOptions(Builder b) {
        bind = b.bind;
        port = b.port;
        token = Optional.ofNullable(b.token);
        pages = List.copyOf(b.pages);
    }

    /** The address that the admin port listens on. */
    public String bind() {
        return bind;
    }

    /** The admin port; 0 for any. */
    public int port() {
        return port;
    }

    /** What every page but {@code /healthz} and {@code /readyz} asks for; empty to ask for nothing. Never log it. */
    public Optional<String> token() {
        return token;
    }

    /** The application's own pages. */
    public List<Page> pages() {
        return pages;
    }

    /**
     * A page of the application's.
     *
     * @param path where, such as {@code /metrics}
     * @param contentType as in HTTP (RFC 9110, section 8.3)
     * @param content made anew for each request, on a thread that may block for a moment; sent in UTF-8. What it throws becomes a 500.
     */
    public record Page(String path, String contentType, Supplier<String> content) {
        /**
         * A page.
         *
         * @throws IllegalArgumentException if the path does not begin with a slash
         */
        public Page {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("The path of an admin page begins with a slash: '" + path + "'.");
            }
            Objects.requireNonNull(contentType, "contentType");
            Objects.requireNonNull(content, "content");
        }
    }

    /** Collects options; each method checks its argument. */
    public static final class Builder {
        /** A token that is shorter can be guessed. */
        private static final int SHORTEST_TOKEN = 16;

        private String bind = "127.0.0.1";
        private int port;
        private @Nullable String token;
        private final List<Page> pages = new ArrayList<>();

        Builder() {}

        /**
         * The address to listen on. Default: {@code 127.0.0.1}. Anything but loopback needs a {@link #token}, and speaks TLS if the relay
         * does.
         */
        public Builder bind(String address) {
            this.bind = Objects.requireNonNull(address, "address");
            return this;
        }

        /** The port to listen on, 0 to 65535. Default: 0, any free one; {@link TunnelRelay#adminUri()} tells which. */
        public Builder port(int port) {
            this.port = AgentOptions.inRange("port", port, 0, 65535);
            return this;
        }

        /**
         * Asks for this token: as {@code Bearer} (RFC 6750), or as the password of any user in {@code Basic} (RFC 7617), which browsers ask
         * for. Default: none, on loopback only.
         *
         * @param token at least 16 characters
         */
        public Builder token(String token) {
            if (token.length() < SHORTEST_TOKEN) {
                throw new IllegalArgumentException("The admin port's token needs at least " + SHORTEST_TOKEN
                        + " characters, as it can be guessed else.");
            }
            this.token = token;
            return this;
        }

        /** Adds a page, such as {@code page("/metrics", "text/plain; version=0.0.4; charset=utf-8", registry::scrape)}. */
        public Builder page(String path, String contentType, Supplier<String> content) {
            pages.add(new Page(path, contentType, content));
            return this;
        }

        AdminOptions build() {
            if (token == null && !RelayOptions.Builder.isLoopback(bind)) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "An admin port that listens on " + bind
                                + " is open to the network and needs a token (--admin-token-file, or token(…)); or bind it to 127.0.0.1.");
            }
            return new AdminOptions(this);
        }
    }
}
