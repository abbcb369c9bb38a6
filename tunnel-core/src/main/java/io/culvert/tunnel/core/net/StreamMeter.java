package io.culvert.tunnel.core.net;

import io.culvert.tunnel.Direction;
import java.nio.ByteBuffer;

/** Counts one stream's bytes. One thread a direction at a time; never throws. */
public interface StreamMeter {
    /** Counts bytes that passed; a count below 1 is ignored. */
    void bytes(Direction direction, long count);

    /**
     * Counts bytes that are about to pass, for who may want to see them.
     *
     * @param bytes left as they are, and not used after the call
     */
    default void passing(Direction direction, ByteBuffer bytes) {
        bytes(direction, bytes.remaining());
    }
}
