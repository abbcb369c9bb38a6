package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.Completion;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one stream has to send: a write at most, then its end; and the credit for it. Nothing is copied: a chunk is a
 * slice of the writer's buffer. Not thread-safe: the stream's lock guards it.
 */
final class Outbound {
    /** The most bytes in one message, so that many streams share the channel evenly. */
    static final int MAX_CHUNK = 32 * 1024;

    /** More credit than this is no flow control any more. */
    private static final long MAX_CREDIT = 1L << 40;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Framing framing;
    private final LongSupplier nanoTime;
    private boolean opened;
    private long credit;
    private ByteBuffer source = NOTHING;
    private @Nullable Completion writer;
    private boolean endWanted;
    private boolean endTaken;

    /** Whether a turn was asked for and is not over. */
    private boolean asked;

    /** Whether a message is on its way that may use the writer's buffer. */
    private boolean sending;

    /** Whether bytes wait for credit, since when, and how long others did before. */
    private boolean starved;

    private long starvedAt;
    private long creditWait;

    /**
     * @param opened whether the peer knows the stream; else the first message opens it
     */
    Outbound(Framing framing, boolean opened, long credit, LongSupplier nanoTime) {
        this.framing = framing;
        this.nanoTime = nanoTime;
        this.opened = opened;
        this.credit = credit;
    }

    boolean opened() {
        return opened;
    }

    boolean writing() {
        return writer != null;
    }

    void write(ByteBuffer bytes, Completion completion) {
        source = bytes;
        writer = completion;
        checkCredit();
    }

    void end() {
        endWanted = true;
    }

    boolean endWanted() {
        return endWanted;
    }

    /** Whether everything left this process, the end included. */
    boolean finished() {
        return endTaken && !sending;
    }

    /** Takes the peer's grant; false if no honest peer would give it. */
    boolean addCredit(long bytes) {
        if (bytes <= 0 || bytes > MAX_CREDIT - credit) {
            return false;
        }
        credit += bytes;
        checkCredit();
        return true;
    }

    /** How long bytes waited for credit, up to now, in nanoseconds. */
    long creditWait() {
        return creditWait + (starved ? nanoTime.getAsLong() - starvedAt : 0);
    }

    /** Looks whether bytes wait for credit. The clock is read only when that changes. */
    private void checkCredit() {
        boolean now = credit == 0 && source.hasRemaining();
        if (now != starved) {
            long at = nanoTime.getAsLong();
            if (now) {
                starvedAt = at;
            } else {
                creditWait += at - starvedAt;
            }
            starved = now;
        }
    }

    /** Whether a turn should be asked for now; if so it counts as asked for. */
    boolean wantsTurn() {
        if (asked || !hasWork()) {
            return false;
        }
        asked = true;
        return true;
    }

    private boolean hasWork() {
        if (!opened) {
            return writer != null || endWanted;
        }
        return source.hasRemaining() ? credit > 0 : endWanted && !endTaken;
    }

    /** On a turn: the next message. Without one the turn is over. */
    @Nullable
    TunnelMessage next() {
        if (!hasWork()) {
            asked = false;
            return null;
        }
        sending = true;
        if (opened && !source.hasRemaining()) {
            endTaken = true;
            return new TunnelMessage.End(framing.id());
        }
        int count = (int) Math.min(Math.min(source.remaining(), MAX_CHUNK), credit);
        ByteBuffer chunk = source.slice(source.position(), count);
        source.position(source.position() + count);
        credit -= count;
        checkCredit();
        if (opened) {
            return framing.chunk(chunk);
        }
        opened = true;
        return framing.opening(chunk);
    }

    /** The turn is over without its message having been asked for. */
    void skipTurn() {
        asked = false;
    }

    /** The message of the turn left. */
    void sent() {
        asked = false;
        sending = false;
    }

    /** Whoever wrote and is done, to be told; at most once for each write. */
    @Nullable
    Completion takeWriter(boolean failed) {
        Completion done = writer;
        if (done == null || sending || !(failed || (opened && !source.hasRemaining()))) {
            return null;
        }
        writer = null;
        source = NOTHING;
        checkCredit();
        return done;
    }
}
