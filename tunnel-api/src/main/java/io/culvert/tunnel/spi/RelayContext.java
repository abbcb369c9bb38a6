package io.culvert.tunnel.spi;

/** What the relay's half of a transport is given. */
public interface RelayContext extends TransportContext {
    /** A new stream id: 128 random bits in lower-case hexadecimal. */
    String newStreamId();

    /** How many connections the agent should hold ready, for transports that dial ahead; 0 for none. */
    int slots();

    /** How many that may come to be while many are in use, for transports that follow the demand; at least {@link #slots()}. */
    int slotsAtMost();
}
