package io.culvert.tunnel.core.net;

import io.culvert.tunnel.Direction;

/** Counts one stream's bytes. One thread a direction at a time; never throws. */
public interface StreamMeter {
    /** Counts bytes that passed; a count below 1 is ignored. */
    void bytes(Direction direction, long count);
}
