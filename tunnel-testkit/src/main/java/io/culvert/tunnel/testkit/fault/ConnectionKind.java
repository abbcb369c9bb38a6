package io.culvert.tunnel.testkit.fault;

/** What a connection through a {@link FaultProxy} is for, as its first bytes say. */
public enum ConnectionKind {
    /** A control channel. */
    CONTROL,
    /** A data connection of the {@code tcp} transport. */
    DATA,
    /** Anything else, such as a connection to a local service, or one that has not spoken yet. */
    OTHER
}
