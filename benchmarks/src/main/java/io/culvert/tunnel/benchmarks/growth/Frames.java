package io.culvert.tunnel.benchmarks.growth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Reads the WebSocket frames of one direction (RFC 6455, section 5.2): whole binary messages and nothing else. Visitors mask with a key of
 * zeros, so payloads need not be changed. Not thread-safe.
 */
final class Frames {
    private static final int BINARY = 0x82;
    private static final int MASKED = 0x80;

    private final boolean masked;
    private final ByteBuffer head = ByteBuffer.allocate(14);
    private long left;

    /** What a direction carries. */
    interface Reader {
        /** A message begins. */
        void begins(long length) throws IOException;

        /** Part of its payload; takes all of it. */
        void part(ByteBuffer payload) throws IOException;

        /** It is whole. */
        void ends() throws IOException;
    }

    Frames(boolean masked) {
        this.masked = masked;
    }

    /** Takes all bytes. */
    void read(ByteBuffer bytes, Reader reader) throws IOException {
        while (bytes.hasRemaining()) {
            if (left == 0) {
                head.put(bytes.get());
                if (head.position() == 2) {
                    check();
                }
                if (head.position() < 2 || head.position() < headLength(head.get(1) & 0x7f, masked)) {
                    continue;
                }
                left = length();
                head.clear();
                reader.begins(left);
            }
            int part = (int) Math.min(left, bytes.remaining());
            int limit = bytes.limit();
            left -= part;
            reader.part(bytes.limit(bytes.position() + part));
            bytes.limit(limit);
            if (left == 0) {
                reader.ends();
            }
        }
    }

    private void check() throws IOException {
        if ((head.get(0) & 0xff) != BINARY || (head.get(1) & MASKED) != (masked ? MASKED : 0)) {
            throw new IOException(String.format(
                    "A frame begins with %02x %02x, which is no %s binary message.",
                    head.get(0), head.get(1), masked ? "masked" : "plain"));
        }
    }

    private long length() {
        int length = head.get(1) & 0x7f;
        return length < 126 ? length : length == 126 ? head.getShort(2) & 0xffff : head.getLong(2);
    }

    /** Bytes of a head whose first length field is this. */
    private static int headLength(int length, boolean masked) {
        return 2 + (length < 126 ? 0 : length == 126 ? 2 : 8) + (masked ? 4 : 0);
    }

    /** Writes the head of a message. */
    static void putHead(ByteBuffer target, long length, boolean masked) {
        int mask = masked ? MASKED : 0;
        target.put((byte) BINARY);
        if (length < 126) {
            target.put((byte) (mask | (int) length));
        } else if (length <= 0xffff) {
            target.put((byte) (mask | 126)).putShort((short) length);
        } else {
            target.put((byte) (mask | 127)).putLong(length);
        }
        if (masked) {
            target.putInt(0);
        }
    }

    /** A message of bytes that do not compress, ready to be sent again and again as a duplicate. */
    static ByteBuffer message(int length, boolean masked) {
        byte[] payload = new byte[length];
        new Random(length).nextBytes(payload);
        ByteBuffer frame = ByteBuffer.allocateDirect(14 + length);
        putHead(frame, length, masked);
        return frame.put(payload).flip().asReadOnlyBuffer();
    }
}
