package io.culvert.tunnel.jetty.internal.io;

import java.nio.ByteBuffer;

/**
 * Knows where frames end in one direction of a WebSocket connection (RFC 6455, section 5.2), so that a close frame can be put between
 * two of them. Looks at lengths only; what the frames mean stays opaque. Not thread-safe.
 */
final class FrameBoundary {
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private int headSeen;
    private int headBytes = 2;
    private int lengthBytes;
    private int maskBytes;
    private long pending; // the payload's length, as far as the head tells it yet
    private long payload; // what is left of it

    /** Whether all frames so far are whole. */
    boolean isBetweenFrames() {
        return headSeen == 0 && payload == 0;
    }

    /**
     * Follows bytes that travel.
     *
     * @param bytes left as they are
     * @return how many of them belong to frames that are whole now
     */
    int follow(ByteBuffer bytes) {
        int start = bytes.position();
        int end = bytes.limit();
        int at = start;
        int whole = start;
        while (at < end) {
            if (payload > 0) {
                int part = (int) Math.min(payload, end - at);
                payload -= part;
                at += part;
            } else {
                head(bytes.get(at++) & 0xff);
            }
            if (isBetweenFrames()) {
                whole = at;
            }
        }
        return whole - start;
    }

    private void head(int octet) {
        headSeen++;
        if (headSeen == 2) {
            int length = octet & LENGTH;
            lengthBytes = length == LENGTH_64 ? 8 : length == LENGTH_16 ? 2 : 0;
            maskBytes = (octet & MASKED) == 0 ? 0 : 4;
            headBytes = 2 + lengthBytes + maskBytes;
            pending = lengthBytes == 0 ? length : 0;
        } else if (headSeen > 2 && headSeen <= 2 + lengthBytes) {
            pending = pending << 8 | octet;
        }
        if (headSeen == headBytes && headSeen >= 2) {
            headSeen = 0;
            headBytes = 2;
            payload = pending & Long.MAX_VALUE; // the highest bit must be 0
        }
    }
}
