package io.culvert.tunnel.spi;

import io.culvert.tunnel.StreamKind;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The relay's half: opens streams. */
public interface RelayTransport extends Transport {
    /** What the agent's half needs to know, sent in {@code Registered}. Asked once, before the session starts. */
    default Map<String, String> parameters() {
        return Map.of();
    }

    /** The agent knows the session now: messages to it may be sent from here on. Called once, before any {@link #open}. */
    default void onRegistered() {}

    /**
     * Opens a stream to the local service behind a tunnel of this session.
     *
     * <p>The stream may be returned before the agent connected to the local service; a refusal then resets it with the
     * refusal's error, before any byte came down.
     *
     * @return completes on any thread, or fails with a {@link StreamException}; at the latest after
     *     {@link TransportContext#openTimeout()}
     */
    CompletableFuture<DataStream> open(StreamKind kind, String tunnel);
}
