package io.culvert.tunnel.spi;

import io.culvert.tunnel.message.TunnelMessage;
import org.jspecify.annotations.Nullable;

/**
 * The sending side of a session's control channel, as a transport sees it. It outlives a single WebSocket: after a reconnect
 * the same object sends on the new one. May be used from any thread.
 */
public interface ControlChannel {
    /**
     * Sends a message ahead of all data that waits for a {@linkplain #requestTurn turn}, in the order of calls. Never
     * blocks. While the channel is down the message is dropped: whoever needs it handles {@link Transport#onControlLost()}.
     * The bytes of the message are read before this method or, at the latest, the sending ends; so use it for messages without data only.
     */
    void send(TunnelMessage message);

    /**
     * Asks to send one message with data. Turns are taken one at a time, first come first served, whenever the wire is free
     * and no message of {@link #send} waits; so data is bounded by who asks, and many askers share the channel evenly.
     *
     * @param turn called once for each call of this method
     */
    void requestTurn(Turn turn);

    /** Someone who waits to send data. */
    interface Turn {
        /**
         * The wire is free. Called on any thread, never two at a time for one channel; must not block.
         *
         * @return the message to send, or {@code null} if there is nothing to send any more. Its bytes are encoded before
         *     {@link #sent} is called, and not touched after it
         */
        @Nullable
        TunnelMessage next();

        /**
         * The message that {@link #next} returned left this process, or did not. Not called if it returned {@code null}.
         * If the channel was lost before {@link #next} was called, only this method is called.
         *
         * @param failure why it was not sent, or {@code null}
         */
        void sent(@Nullable Throwable failure);
    }
}
