package io.culvert.tunnel.core.internal.codec;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/** Where one message after another is encoded, to save the allocation of a frame each. Not thread-safe. */
public final class TextBuffer extends OutputStream {
    /** Above this size the array is not kept: rare large messages must not hold their memory for ever. */
    private static final int KEPT = 64 * 1024;

    /** Bytes encoded at a time; a multiple of three, so that only the last piece is padded. Stays in a core's first cache. */
    private static final int PIECE = 3 * 1024;

    private static final Base64.Encoder BASE64 = Base64.getEncoder();
    private static final byte[] NONE = new byte[0];

    private byte[] bytes;

    /** A piece before and after it is encoded; made for the first value. */
    private byte[] plain = NONE;

    private byte[] encoded = NONE;
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

    /** Writes bytes as a string of standard base64 (RFC 4648, section 4) without copying the whole of them. Leaves the position as it is. */
    void writeBase64(ByteBuffer value) {
        reserve((value.remaining() + 2) / 3 * 4 + 2);
        if (plain.length == 0) {
            plain = new byte[PIECE];
            encoded = new byte[PIECE / 3 * 4];
        }
        bytes[length++] = '"';
        int at = value.position();
        for (; value.limit() - at >= PIECE; at += PIECE) {
            value.get(at, plain);
            append(encoded, BASE64.encode(plain, encoded));
        }
        int rest = value.limit() - at;
        value.get(at, plain, 0, rest);
        ByteBuffer last = BASE64.encode(ByteBuffer.wrap(plain, 0, rest));
        append(last.array(), last.remaining());
        bytes[length++] = '"';
    }

    private void append(byte[] text, int count) {
        System.arraycopy(text, 0, bytes, length, count);
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
