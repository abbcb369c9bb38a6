package io.culvert.tunnel.core.internal.codec;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Where one message after another is encoded, to save the allocation of a frame each. Not thread-safe. */
public final class TextBuffer extends OutputStream {
    /** Above this size the array is not kept: rare large messages must not hold their memory for ever. */
    private static final int KEPT = 64 * 1024;

    private byte[] bytes;
    private int length;

    /** An empty buffer with room for small messages. */
    public TextBuffer() {
        this(256);
    }

    TextBuffer(int capacity) {
        this.bytes = new byte[capacity];
    }

    void clear() {
        length = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[KEPT];
        }
    }

    @Override
    public void write(int b) {
        reserve(1);
        bytes[length++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        reserve(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /** What was written; valid until the next message is encoded here. */
    ByteBuffer content() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
        }
    }
}
