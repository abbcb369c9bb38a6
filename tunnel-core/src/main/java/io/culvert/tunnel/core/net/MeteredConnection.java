package io.culvert.tunnel.core.net;

import io.culvert.tunnel.spi.DataStream;

/** A connection to the local service, not yet joined. Exactly one of the methods is called, once. */
public interface MeteredConnection {
    /** Pumps both ways until both directions ended or one was reset; takes over the stream and counts each byte on the meter. */
    void join(DataStream stream, StreamMeter meter);

    /** Gives the connection up with a reset. */
    void abandon(Throwable cause);
}
