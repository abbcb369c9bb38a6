package io.culvert.tunnel.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One proxied connection's bytes, both ways: reliable, in order, each direction with an end of its own. An abort is never
 * mistaken for an end.
 *
 * <p><b>Threads.</b> At most one thread reads and at most one writes at a time; the two may differ. {@link #close}, {@link #reset}
 * and {@link #onClosed} may come from any thread at any time. Callbacks run on any thread, also inside the call that
 * registers them; they must not block.
 *
 * <p><b>Buffers</b> belong to the caller. A stream keeps none after the read returned or the write completed.
 */
public interface DataStream extends AutoCloseable {
    /** The stream's id, the same on both sides. */
    String id();

    /**
     * Reads what is there, without waiting.
     *
     * @param target filled from its position on; at least one byte must remain
     * @return the number of bytes read; 0 if none is there now; -1 at the peer's end, again and again
     * @throws StreamException if the stream was reset by either side, again and again; bytes that had arrived before the reset may be
     *     lost
     */
    int read(ByteBuffer target) throws IOException;

    /**
     * Runs the callback once as soon as {@link #read} would return something else than 0, or throw; perhaps at once. At most
     * one callback is registered at a time.
     */
    void onReadable(Runnable callback);

    /**
     * Sends all remaining bytes of the source. At most one write is outstanding; a second one fails with
     * {@link IllegalStateException} in its completion.
     *
     * @param source must not be touched until completion; its position then is its limit, or anywhere after a failure
     * @param completion succeeds when the stream is done with the buffer (which says nothing about the peer); fails after a reset, a
     *     close or {@link #end()}
     */
    void write(ByteBuffer source, Completion completion);

    /**
     * Half-close: no more bytes follow from this side. Bytes written before still arrive. The other direction goes on. Only when no
     * write is outstanding. Calling it again does nothing.
     */
    void end();

    /**
     * Orderly close of the whole: {@link #end()}, and no interest in what the peer still sends. If the peer goes on sending, its
     * side is reset. Idempotent.
     */
    @Override
    void close();

    /**
     * Aborts both directions. The peer's reads and writes fail with the cause's error, or with
     * {@link io.culvert.tunnel.TunnelError#RESET} where the transport cannot carry a reason. Overtakes written bytes. Idempotent.
     */
    void reset(Throwable cause);

    /**
     * Registers who is told once when the stream is over: {@code null} after both directions came to their end or an orderly close,
     * else why. At most one listener; if the stream is over already it is told at once.
     */
    void onClosed(Consumer<@Nullable Throwable> listener);

    /**
     * The thing under this stream, for stacks that can copy faster when they know it (Jetty's {@code EndPoint}). Whoever
     * takes it uses it in place of this stream's reading and writing; {@link #onClosed} still tells.
     */
    default <T> Optional<T> unwrap(Class<T> type) {
        return Optional.empty();
    }
}
