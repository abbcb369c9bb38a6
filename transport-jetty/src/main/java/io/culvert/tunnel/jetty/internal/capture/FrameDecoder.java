package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedMessage.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one direction (RFC 6455, section 5.2) for display: unmasks, joins fragments, inflates. It never answers and never
 * judges: both ends check what they get. Not thread-safe.
 */
final class FrameDecoder {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int NO_CODE = 1005;

    private final Direction direction;
    private final MessageInflater inflater;
    private final int maxBytes;
    private final Consumer<CapturedMessage> found;
    private final LongFunction<Duration> since;

    private final ByteBuffer head = ByteBuffer.allocate(14);
    private boolean inPayload;
    private long left;
    private boolean last;
    private int opcode;
    private final byte[] mask = new byte[4];
    private boolean masked;
    private long masking;

    /** The data message that is going on, perhaps over many frames. */
    private @Nullable Pending data;

    /** The control frame that is going on; it may stand between fragments. */
    private @Nullable Pending control;

    private static final class Pending {
        final Kind kind;
        final boolean deflated;
        final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
        long size;

        Pending(Kind kind, boolean deflated) {
            this.kind = kind;
            this.deflated = deflated;
        }
    }

    FrameDecoder(
            Direction direction,
            MessageInflater inflater,
            int maxBytes,
            Consumer<CapturedMessage> found,
            LongFunction<Duration> since) {
        this.direction = direction;
        this.inflater = inflater;
        this.maxBytes = maxBytes;
        this.found = found;
        this.since = since;
    }

    void bytes(ByteBuffer bytes, long nanoTime) {
        while (bytes.hasRemaining() || inPayload && left == 0) {
            if (inPayload) {
                payload(bytes, nanoTime);
            } else {
                head.put(bytes.get());
                if (head.position() >= 2 && head.position() == headLength()) {
                    begin();
                }
            }
        }
    }

    private int headLength() {
        int second = head.get(1) & 0xff;
        int length = second & 0x7f;
        return 2 + (length == 127 ? 8 : length == 126 ? 2 : 0) + ((second & 0x80) == 0 ? 0 : 4);
    }

    private void begin() {
        int first = head.get(0) & 0xff;
        int second = head.get(1) & 0xff;
        int length = second & 0x7f;
        last = (first & 0x80) != 0;
        opcode = first & 0x0f;
        masked = (second & 0x80) != 0;
        left = length == 127 ? head.getLong(2) & Long.MAX_VALUE : length == 126 ? head.getShort(2) & 0xffff : length;
        if (masked) {
            head.get(head.position() - 4, mask);
        }
        masking = 0;
        head.clear();
        inPayload = true;
        boolean deflated = (first & 0x40) != 0 && inflater.isOn();
        if (opcode >= CLOSE) {
            control = new Pending(opcode == CLOSE ? Kind.CLOSE : opcode == PING ? Kind.PING : Kind.PONG, false);
        } else if (opcode != CONTINUATION || data == null) {
            data = new Pending(opcode == TEXT ? Kind.TEXT : Kind.BINARY, deflated);
        }
    }

    private void payload(ByteBuffer bytes, long nanoTime) {
        Pending pending = opcode >= CLOSE ? control : data;
        int part = (int) Math.min(left, bytes.remaining());
        if (part > 0 && pending != null) {
            // A deflated message has to be inflated from its first byte, and the next one needs it too.
            int room = pending.deflated ? part : Math.max(0, Math.min(part, maxBytes - pending.kept.size()));
            byte[] copy = new byte[room];
            bytes.get(bytes.position(), copy);
            unmask(copy);
            if (pending.deflated) {
                inflater.inflate(copy, pending.kept, maxBytes);
            } else {
                pending.kept.writeBytes(copy);
            }
            pending.size += part;
        }
        bytes.position(bytes.position() + part);
        masking += part;
        left -= part;
        if (left == 0) {
            inPayload = false;
            if (pending != null && (opcode >= CLOSE || last)) {
                finish(pending, nanoTime);
            }
        }
    }

    private void unmask(byte[] bytes) {
        if (masked) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= mask[(int) ((masking + i) & 3)];
            }
        }
    }

    private void finish(Pending pending, long nanoTime) {
        boolean whole = pending.size <= pending.kept.size();
        if (pending.deflated) {
            whole = inflater.end(pending.kept, maxBytes);
        }
        if (opcode >= CLOSE) {
            control = null;
        } else {
            data = null;
        }
        byte[] bytes = pending.kept.toByteArray();
        int code = 0;
        if (pending.kind == Kind.CLOSE) {
            code = bytes.length < 2 ? NO_CODE : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
            bytes = bytes.length < 2 ? bytes : Arrays.copyOfRange(bytes, 2, bytes.length);
        }
        found.accept(
                new CapturedMessage(direction, pending.kind, bytes, pending.size, whole, code, since.apply(nanoTime)));
    }

    void close() {
        inflater.close();
    }
}
