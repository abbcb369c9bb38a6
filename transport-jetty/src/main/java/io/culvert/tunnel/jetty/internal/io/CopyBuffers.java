package io.culvert.tunnel.jetty.internal.io;

import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that bytes are copied through. Whoever waits for a slow reader keeps one, so the more are held, the smaller a new one is: slow
 * readers cost the others speed at worst, never the process its memory. Counts for the whole process, as direct memory does; half of a
 * quarter of the largest heap may be held in large ones, and direct memory may be as large as the heap by default. Thread-safe.
 */
public final class CopyBuffers {
    /** The buffers of this process. */
    public static final CopyBuffers PROCESS =
            new CopyBuffers(Runtime.getRuntime().maxMemory() / 4);

    /** The largest size, in bytes, that Jetty's buffer pool keeps. */
    public static final int LARGEST = 64 * 1024;

    /** From half the bound on. */
    static final int MIDDLE = 16 * 1024;

    /** From three quarters on. With one for each connection that there may be it stays below twice the bound. */
    static final int SMALLEST = 4 * 1024;

    private final long bound;
    private final AtomicLong held = new AtomicLong();

    CopyBuffers(long bound) {
        this.bound = bound;
    }

    /** An empty direct buffer, to be given to {@link #release}: of the wanted size, or smaller when many are held. */
    public RetainableByteBuffer acquire(ByteBufferPool pool, int wanted) {
        return acquireAtLeast(pool, Math.min(wanted, allowed()));
    }

    /** As {@link #acquire}, but never smaller. */
    public RetainableByteBuffer acquireAtLeast(ByteBufferPool pool, int size) {
        RetainableByteBuffer buffer = pool.acquire(size, true);
        held.addAndGet(buffer.capacity());
        return buffer;
    }

    /** Gives a buffer back, if there is one. Returns {@code null}, which the caller has instead now. */
    public @Nullable RetainableByteBuffer release(@Nullable RetainableByteBuffer buffer) {
        if (buffer != null) {
            held.addAndGet(-buffer.capacity());
            buffer.release();
        }
        return null;
    }

    private int allowed() {
        long now = held.get();
        if (now < bound / 2) {
            return LARGEST;
        }
        return now < bound / 4 * 3 ? MIDDLE : SMALLEST;
    }

    /** Bytes that are held now: none when nothing is open. */
    public long held() {
        return held.get();
    }
}
