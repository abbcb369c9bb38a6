package io.culvert.tunnel.jetty.internal.capture;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Inflates the messages of one direction (RFC 7692, section 7.2.2). Output beyond the bound is dropped. Not thread-safe. */
final class MessageInflater {
    /** What a sender leaves away behind each message. */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final boolean fresh;
    private final byte[] chunk = new byte[4096];
    private final boolean on;
    private @Nullable Inflater inflater;
    private boolean whole = true;
    private boolean broken;

    /**
     * Begins with the first message.
     *
     * @param on whether messages may be deflated at all
     * @param fresh whether each message begins with an empty window
     */
    MessageInflater(boolean on, boolean fresh) {
        this.on = on;
        this.fresh = fresh;
    }

    boolean isOn() {
        return on;
    }

    /** A part of a message came. */
    void inflate(byte[] deflated, ByteArrayOutputStream kept, int maxBytes) {
        if (broken) {
            whole = false;
            return;
        }
        Inflater current = inflater;
        if (current == null) {
            current = new Inflater(true);
            inflater = current;
        }
        current.setInput(deflated);
        try {
            for (int count = current.inflate(chunk); count > 0; count = current.inflate(chunk)) {
                int room = Math.min(count, maxBytes - kept.size());
                if (room > 0) {
                    kept.write(chunk, 0, room);
                }
                whole &= room == count;
            }
        } catch (DataFormatException x) {
            broken = true;
            whole = false;
        }
    }

    /** The message is over. Whether all of it was kept. */
    boolean end(ByteArrayOutputStream kept, int maxBytes) {
        inflate(TAIL, kept, maxBytes);
        boolean result = whole;
        whole = true;
        if (fresh) {
            close();
        }
        return result;
    }

    /** Frees the window; the next message begins with an empty one. */
    void close() {
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }
}
