package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.capture.CapturedMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** The messages of a WebSocket, both ways. Not thread-safe. */
final class WebSocketDecoder {
    private final Map<Direction, FrameDecoder> directions = new EnumMap<>(Direction.class);

    /**
     * Begins behind the 101.
     *
     * @param extensions what the answer agreed to
     * @param maxBytes kept of each message
     * @param since tells the time since the exchange began
     */
    WebSocketDecoder(
            Optional<String> extensions, int maxBytes, Consumer<CapturedMessage> found, LongFunction<Duration> since) {
        String agreed = extensions.orElse("").toLowerCase(Locale.ROOT);
        boolean deflated = agreed.contains("permessage-deflate");
        directions.put(
                Direction.UP,
                new FrameDecoder(
                        Direction.UP,
                        new MessageInflater(deflated, agreed.contains("client_no_context_takeover")),
                        maxBytes,
                        found,
                        since));
        directions.put(
                Direction.DOWN,
                new FrameDecoder(
                        Direction.DOWN,
                        new MessageInflater(deflated, agreed.contains("server_no_context_takeover")),
                        maxBytes,
                        found,
                        since));
    }

    void bytes(Direction direction, ByteBuffer bytes, long nanoTime) {
        directions.get(direction).bytes(bytes, nanoTime);
    }

    /** Frees what the inflaters hold. */
    void close() {
        directions.values().forEach(FrameDecoder::close);
    }
}
