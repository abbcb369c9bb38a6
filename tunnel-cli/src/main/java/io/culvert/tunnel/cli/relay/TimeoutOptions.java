package io.culvert.tunnel.cli.relay;

import io.culvert.tunnel.RelayTimeouts;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long a relay waits, where it differs from the defaults. */
final class TimeoutOptions {
    @Option(
            names = "--head-timeout",
            paramLabel = "SECONDS",
            description = "How long a visitor's request head may take in all (default: 30).")
    private Integer requestHead;

    @Option(
            names = "--body-timeout",
            paramLabel = "SECONDS",
            description = "How long a visitor may pause within a request's body (default: 60).")
    private Integer requestBody;

    @Option(
            names = "--response-timeout",
            paramLabel = "SECONDS",
            description = "How long a local service may take until the head of its answer (default: 60).")
    private Integer response;

    @Option(
            names = "--response-idle-timeout",
            paramLabel = "SECONDS",
            description = "How long a local service may pause within its answer (default: 3600).")
    private Integer responseIdle;

    @Option(
            names = "--unread-timeout",
            paramLabel = "SECONDS",
            description = "How long a visitor may take nothing of its answer (default: 60).")
    private Integer unread;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            description = "How long a visitor's connection is kept between requests (default: 60).")
    private Integer idle;

    /** Sets what was given. */
    void applyTo(RelayTimeouts.Builder timeouts) {
        set(timeouts::requestHead, requestHead);
        set(timeouts::requestBody, requestBody);
        set(timeouts::response, response);
        set(timeouts::responseIdle, responseIdle);
        set(timeouts::unread, unread);
        set(timeouts::idle, idle);
    }

    private static void set(Function<Duration, RelayTimeouts.Builder> setter, @Nullable Integer seconds) {
        if (seconds != null) {
            setter.apply(Duration.ofSeconds(seconds));
        }
    }
}
