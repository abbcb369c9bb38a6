package io.culvert.tunnel.examples.unix;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Takes frames apart: four bytes of length, then that many bytes; length 0 is the end. A Unix domain socket has no reset of
 * its own, so an end of file without an end frame is one. Used by one thread at a time.
 */
final class FrameReader {
    private static final int BUFFER = 32 * 1024;

    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
    private int frameRemaining;
    private boolean ended;

    FrameReader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** As {@link io.culvert.tunnel.spi.DataStream#read}. */
    int read(ByteBuffer target) throws IOException {
        if (!prepare()) {
            return 0;
        }
        if (ended) {
            return -1;
        }
        int count = Math.min(Math.min(frameRemaining, buffer.remaining()), target.remaining());
        target.put(buffer.slice(buffer.position(), count));
        buffer.position(buffer.position() + count);
        frameRemaining -= count;
        return count;
    }

    /** Whether {@link #read} would return something else than 0. Reads from the channel if need be. */
    boolean prepare() throws IOException {
        return decode() || (fill() && decode());
    }

    private boolean decode() throws StreamException {
        while (!ended && frameRemaining == 0 && buffer.remaining() >= Integer.BYTES) {
            frameRemaining = buffer.getInt();
            ended = frameRemaining == 0;
            if (frameRemaining < 0) {
                throw new StreamException(TunnelError.PROTOCOL, "A frame has the length " + frameRemaining + ".");
            }
        }
        return ended || (frameRemaining > 0 && buffer.hasRemaining());
    }

    private boolean fill() throws IOException {
        buffer.compact();
        int count;
        try {
            count = channel.read(buffer);
        } finally {
            buffer.flip();
        }
        if (count < 0) {
            throw new StreamException(TunnelError.RESET, "The peer closed the socket without an end.");
        }
        return count > 0;
    }
}
