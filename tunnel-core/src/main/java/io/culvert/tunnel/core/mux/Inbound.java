package io.culvert.tunnel.core.mux;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What came in on one stream and is not read yet, and the peer's credit. Not thread-safe: the stream's lock guards it. */
final class Inbound {
    /** From so many chunks on, short ones are packed together: their objects would cost more memory than the credit allows. */
    private static final int PACK_FROM = 16;

    private static final int PACK_SIZE = 4096;

    private final IntUnaryOperator extension;
    private final Deque<ByteBuffer> chunks = new ArrayDeque<>(4);
    private @Nullable ByteBuffer pack;
    private int window;
    private int allowed;

    /** Whether the window held the peer up since the last grant. */
    private boolean held;

    private int buffered;
    private int consumed;
    private boolean ended;

    /**
     * @param window bytes that the peer may have on the way or waiting here, at first
     * @param extension asked with that number for how many more they may become, when it holds the peer up; it must not block
     */
    Inbound(int window, IntUnaryOperator extension) {
        this.window = window;
        this.extension = extension;
        this.allowed = window;
    }

    /** Takes bytes over, and the buffer with them. Returns false if the peer had no credit for them. */
    boolean add(ByteBuffer chunk) {
        int length = chunk.remaining();
        if (length > allowed) {
            return false;
        }
        if (length == 0) {
            return true;
        }
        allowed -= length;
        held |= allowed < window / 4;
        buffered += length;
        if (chunks.size() < PACK_FROM || length >= PACK_SIZE) {
            chunks.add(chunk.duplicate());
        } else {
            pack(chunk.duplicate());
        }
        return true;
    }

    private void pack(ByteBuffer chunk) {
        ByteBuffer last = pack;
        if (last == null || last != chunks.peekLast() || last.limit() == last.capacity()) {
            last = ByteBuffer.allocate(PACK_SIZE).limit(0);
            chunks.add(last);
            pack = last;
        }
        int end = last.limit();
        int fits = Math.min(chunk.remaining(), last.capacity() - end);
        last.limit(end + fits);
        last.put(end, chunk, chunk.position(), fits);
        chunk.position(chunk.position() + fits);
        if (chunk.hasRemaining()) {
            pack(chunk);
        }
    }

    /** Moves as much as there is and fits; returns how much. */
    int read(ByteBuffer target) {
        int before = target.remaining();
        for (ByteBuffer chunk = chunks.peek(); chunk != null && target.hasRemaining(); chunk = chunks.peek()) {
            int count = Math.min(chunk.remaining(), target.remaining());
            target.put(target.position(), chunk, chunk.position(), count);
            target.position(target.position() + count);
            chunk.position(chunk.position() + count);
            if (!chunk.hasRemaining()) {
                chunks.remove();
            }
        }
        int count = before - target.remaining();
        buffered -= count;
        consumed += count;
        return count;
    }

    /** The credit to give the peer now, or 0: once half the window was read, and never after its end. */
    int takeGrant() {
        if (ended || consumed < Math.max(1, window / 2)) {
            return 0;
        }
        int more = held ? extension.applyAsInt(window) : 0;
        int grant = consumed + more;
        window += more;
        held = false;
        consumed = 0;
        allowed += grant;
        return grant;
    }

    /** Bytes that the peer may have on the way or waiting here. */
    int window() {
        return window;
    }

    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    boolean empty() {
        return buffered == 0;
    }

    /** How many buffers hold what was not read. */
    int chunks() {
        return chunks.size();
    }

    /** Drops what was not read; it counts as read. */
    void discard() {
        chunks.clear();
        pack = null;
        consumed += buffered;
        buffered = 0;
    }
}
