package io.culvert.tunnel.core.net;

import io.culvert.tunnel.spi.Completion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One connected control WebSocket (RFC 6455), seen as a carrier of text messages. */
public interface Carrier {
    /**
     * Sends one text message. At most one is outstanding; the caller waits for the completion before the next.
     *
     * @param utf8 the text in UTF-8; not touched by the caller until completion
     */
    void send(ByteBuffer utf8, Completion completion);

    /** Sends a close frame with the code and reason (at most 123 bytes of UTF-8) and disconnects soon after. Idempotent; never blocks. */
    void close(int code, String reason);

    /** Cuts the connection without a closing handshake, for a peer that does not answer any more. */
    void abort();

    /** What a carrier tells. Called one at a time, on a thread of the network stack; must not block. */
    interface Listener {
        /**
         * A text message came in whole.
         *
         * @param utf8 valid during the call only
         */
        void onMessage(ByteBuffer utf8);

        /**
         * The connection is over. Called once, and nothing after it.
         *
         * @param code the close code; 1006 if there was none
         * @param reason the peer's words, perhaps empty; untrusted
         */
        void onClosed(int code, String reason, @Nullable Throwable failure);
    }
}
