package io.culvert.tunnel.spi;

/** An agent's open connection to the local service, not yet joined to a stream. Exactly one of the methods is called, once. */
public interface LocalConnection {
    /** Copies bytes both ways from now on, until both directions ended or one side was reset. Takes over the stream. */
    void join(DataStream stream);

    /** Gives the connection up with a reset. */
    void abandon(Throwable cause);
}
