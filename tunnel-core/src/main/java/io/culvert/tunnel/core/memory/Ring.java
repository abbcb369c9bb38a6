package io.culvert.tunnel.core.memory;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A bounded first-in first-out store of bytes. Not thread-safe: the pair's lock guards it. */
final class Ring {
    static final int CAPACITY = 64 * 1024;

    private byte @Nullable [] bytes;
    private int first;
    private int count;

    /** Takes as many bytes as fit; returns how many. */
    int put(ByteBuffer source) {
        if (bytes == null) {
            bytes = new byte[CAPACITY];
        }
        int taken = 0;
        while (count < CAPACITY && source.hasRemaining()) {
            int at = (first + count) % CAPACITY;
            int part = Math.min(source.remaining(), Math.min(CAPACITY - count, CAPACITY - at));
            source.get(bytes, at, part);
            count += part;
            taken += part;
        }
        return taken;
    }

    /** Gives as many bytes as there are and fit; returns how many. */
    int get(ByteBuffer target) {
        int given = 0;
        while (bytes != null && count > 0 && target.hasRemaining()) {
            int part = Math.min(target.remaining(), Math.min(count, CAPACITY - first));
            target.put(bytes, first, part);
            first = (first + part) % CAPACITY;
            count -= part;
            given += part;
        }
        return given;
    }

    boolean isEmpty() {
        return count == 0;
    }

    void clear() {
        bytes = null;
        first = 0;
        count = 0;
    }
}
