package io.culvert.tunnel.core.net;

import io.culvert.tunnel.Direction;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes sense of copies of one stream's bytes, beside their way. Called one at a time, for all streams of an agent, on a thread that no
 * stream waits for.
 */
public interface StreamDecoder {
    /**
     * Bytes passed.
     *
     * @param bytes the decoder's own
     * @param nanoTime when, by the agent's clock
     */
    void bytes(Direction direction, ByteBuffer bytes, long nanoTime);

    /** Bytes are missing from here on; nothing but {@link #closed} follows. */
    void cut();

    /**
     * The stream is over. Nothing follows.
     *
     * @param cause why it was reset; {@code null} after an orderly end
     * @param nanoTime when, by the agent's clock
     */
    void closed(@Nullable Throwable cause, long nanoTime);
}
