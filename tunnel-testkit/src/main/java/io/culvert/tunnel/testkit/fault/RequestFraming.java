package io.culvert.tunnel.testkit.fault;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where requests begin and end in the bytes that an edge sends up. An edge writes strict HTTP/1.1 (RFC 9112), so this follows lengths and
 * chunks and checks nothing; bytes that are no HTTP, or that follow an upgrade's head, are one body without end. Not thread-safe.
 */
final class RequestFraming {
    /** More than an edge lets a head have. */
    private static final int MAX_HEAD = 64 * 1024;

    private enum State {
        /** In or before a head. */
        HEAD,
        /** In a body of known length. */
        LENGTH,
        /** In the line with a chunk's size. */
        CHUNK_SIZE,
        /** In a chunk's bytes and the line end behind them. */
        CHUNK,
        /** In the trailers; a line that is empty ends them. */
        TRAILERS,
        /** To the end of the stream. */
        RAW
    }

    private final boolean upgrade;
    private State state = State.HEAD;
    private ByteArrayOutputStream head = new ByteArrayOutputStream();
    private long left; // of the body or chunk
    private int lineLength;
    private boolean inExtension; // behind a chunk's size

    RequestFraming(boolean upgrade) {
        this.upgrade = upgrade;
    }

    /** Whether a head is what comes next or goes on. */
    boolean inHead() {
        return state == State.HEAD;
    }

    /** Whether the request that began last has no body. */
    boolean isWithoutBody() {
        return state == State.HEAD;
    }

    /**
     * Takes bytes of a head, up to its end.
     *
     * @return whether the head is complete: {@link #takeHead} has it. If not, and {@link #inHead} is false now, it is no head at all
     */
    boolean feedHead(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            head.write(next);
            if (head.size() == 1 && !isLetter(next) || head.size() > MAX_HEAD) {
                state = State.RAW;
                return false;
            }
            if (next == '\n') {
                boolean end = lineLength == 0;
                lineLength = 0;
                if (end) {
                    return true;
                }
            } else if (next != '\r') {
                lineLength++;
            }
        }
        return false;
    }

    private static boolean isLetter(byte b) {
        return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z';
    }

    /** What was fed of the head so far. */
    byte[] headSoFar() {
        return head.toByteArray();
    }

    /** As {@link #headSoFar}, when that is all: what is behind it comes next. */
    byte[] takeHead() {
        byte[] taken = headSoFar();
        head = new ByteArrayOutputStream();
        if (state == State.HEAD) {
            begin(new String(taken, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT));
        }
        return taken;
    }

    private void begin(String text) {
        if (upgrade) {
            state = State.RAW;
        } else if (text.contains("\r\ntransfer-encoding:")) {
            state = State.CHUNK_SIZE;
            left = 0;
        } else {
            int field = text.indexOf("\r\ncontent-length:");
            left = field < 0
                    ? 0
                    : Long.parseLong(text.substring(field + 17, text.indexOf("\r\n", field + 17))
                            .strip());
            state = left > 0 ? State.LENGTH : State.HEAD;
        }
    }

    /**
     * Steps over bytes of a body.
     *
     * @param bytes its position moves to the end of the body, or to its limit
     */
    void skipBody(ByteBuffer bytes) {
        while (bytes.hasRemaining() && state != State.HEAD) {
            switch (state) {
                case RAW -> bytes.position(bytes.limit());
                case LENGTH -> {
                    skip(bytes);
                    state = left == 0 ? State.HEAD : state;
                }
                case CHUNK -> {
                    skip(bytes);
                    state = left == 0 ? State.CHUNK_SIZE : state;
                }
                case CHUNK_SIZE -> chunkSize(bytes.get());
                default -> trailer(bytes.get());
            }
        }
    }

    private void skip(ByteBuffer bytes) {
        int count = (int) Math.min(left, bytes.remaining());
        bytes.position(bytes.position() + count);
        left -= count;
    }

    private void chunkSize(byte next) {
        int digit = Character.digit(next, 16);
        if (digit >= 0 && !inExtension) {
            left = left * 16 + digit;
        } else if (next != '\n') {
            inExtension = true; // or in the line's end
        } else {
            inExtension = false;
            state = left == 0 ? State.TRAILERS : State.CHUNK;
            left = left == 0 ? 0 : left + 2;
            lineLength = 0;
        }
    }

    private void trailer(byte next) {
        if (next == '\n') {
            state = lineLength == 0 ? State.HEAD : state;
            lineLength = 0;
        } else if (next != '\r') {
            lineLength++;
        }
    }
}
