package io.culvert.tunnel.core.internal.stream;

/** A stream that waits for credit before it sends; its {@code unwrap} gives it. Thread-safe. */
public interface CreditWait {
    /** How long it had bytes to send and no credit for them, up to now, in nanoseconds. */
    long nanos();
}
