package io.culvert.tunnel.spi;

import io.culvert.tunnel.message.TunnelMessage;

/**
 * One side's half of a transport in one session. It lives as long as the session: over the loss of the control channel and its return.
 *
 * <p>{@link #onMessage}, {@link #onControlLost} and {@link #onControlRestored} are called one at a time, in order, on a thread
 * that reads the control channel: they must not block.
 */
public interface Transport extends AutoCloseable {
    /**
     * A message about streams, or {@link TunnelMessage.Slots}, came in. Messages for a stream that is not open are dropped, never taken for an opening;
     * call {@link TransportContext#strayMessage} for them.
     */
    void onMessage(TunnelMessage message);

    /** The control channel broke. Streams that live on it are reset; others go on. */
    void onControlLost();

    /** The session was resumed on a new control channel. */
    void onControlRestored();

    /** Ends every stream with a reset and frees everything. Idempotent; from any thread. */
    @Override
    void close();
}
