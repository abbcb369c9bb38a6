package io.culvert.tunnel.capture;

import io.culvert.tunnel.Direction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A message or control frame of a WebSocket (RFC 6455), put together from its fragments and inflated.
 *
 * @param direction up to the local service, or down to the visitor
 * @param kind what it is
 * @param bytes the payload's beginning; for a close frame without the code; the receiver's own
 * @param size the payload's length as it was sent, in bytes, before inflating
 * @param whole whether {@code bytes} is the whole payload
 * @param closeCode the code of a close frame, 1005 if it had none; 0 for everything else
 * @param at when its last byte passed, since the first byte of the exchange
 */
public record CapturedMessage(
        Direction direction, Kind kind, byte[] bytes, long size, boolean whole, int closeCode, Duration at) {
    /** What a message is. */
    public enum Kind {
        /** UTF-8 text. */
        TEXT,
        /** Bytes. */
        BINARY,
        /** The end, with a code and a reason. */
        CLOSE,
        /** A ping. */
        PING,
        /** A pong. */
        PONG
    }

    /** The payload as text. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
