package io.culvert.tunnel.testkit;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Streams whose reader does not read. */
final class Stalls {
    /** A write that takes longer than this waits for its reader. */
    private static final long STUCK_MILLIS = 1_000;

    static final int PIECE = 64 * 1024;

    private Stalls() {}

    /** Writes pieces until one waits; returns that one. */
    static CompletableFuture<Void> fill(StreamProbe writer, long atMost) throws Exception {
        byte[] piece = Payloads.random(PIECE);
        for (long written = 0; written <= atMost; written += PIECE) {
            CompletableFuture<Void> write = writer.write(ByteBuffer.wrap(piece));
            try {
                write.get(STUCK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                return write;
            }
        }
        throw new AssertionError("A stream took more than " + atMost + " bytes although nobody reads them.");
    }
}
