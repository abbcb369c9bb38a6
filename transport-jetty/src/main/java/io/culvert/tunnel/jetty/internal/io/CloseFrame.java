package io.culvert.tunnel.jetty.internal.io;

import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/** The one WebSocket frame that a relay ever makes. */
final class CloseFrame {
    private static final int FIN_CLOSE = 0x88;
    private static final int MASKED = 0x80;
    private static final int GOING_AWAY = 1001;

    private CloseFrame() {}

    /**
     * A close frame with code 1001 and no reason (RFC 6455, sections 5.5.1 and 7.4.1).
     *
     * @param masked as everything must be that a server gets (section 5.3)
     */
    static ByteBuffer goingAway(boolean masked) {
        ByteBuffer frame = ByteBuffer.allocateDirect(8);
        frame.put((byte) FIN_CLOSE);
        if (masked) {
            int mask = ThreadLocalRandom.current().nextInt();
            frame.put((byte) (MASKED | 2)).putInt(mask).putShort((short) (GOING_AWAY ^ mask >>> 16));
        } else {
            frame.put((byte) 2).putShort((short) GOING_AWAY);
        }
        return frame.flip();
    }
}
