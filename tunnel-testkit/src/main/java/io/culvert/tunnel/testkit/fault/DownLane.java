package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream's way down, as its reader has it. */
final class DownLane {
    private static final int SWALLOWED_AT_ONCE = 8 * 1024;

    private final FaultStream owner;
    private final DataStream stream;
    private final Mine mine;
    private final AnswerHeads heads = new AnswerHeads(); // guarded by lock

    private final Object lock = new Object();
    private final Gate gate; // guarded by lock
    private @Nullable Runnable callback; // guarded by lock
    private boolean armed; // the stream will say when it is readable; guarded by lock
    private boolean readable; // the stream said so, and nobody read since; guarded by lock
    private boolean timed; // a timer will run this again; guarded by lock
    private long behindHead; // bytes of this answer that passed; guarded by lock
    private @Nullable Rule cutter; // cuts the stream when its reader is done with what it got; guarded by lock

    DownLane(FaultStream owner, DataStream stream, Rules rules, Mine mine) {
        this.owner = owner;
        this.stream = stream;
        this.mine = mine;
        this.gate = new Gate(System::nanoTime, rules.nextRandom());
    }

    void answerBegins() {
        synchronized (lock) {
            heads.begin();
            behindHead = 0;
        }
    }

    int read(ByteBuffer target) throws IOException {
        cutIfDue();
        StreamException failure = owner.failure();
        if (failure != null) {
            throw new StreamException(failure.error(), failure.getMessage(), failure);
        }
        List<Rule> active = mine.active(Direction.DOWN);
        if (Mine.any(active, Effect.Kind.HALF_OPEN)) {
            return 0;
        }
        int most;
        synchronized (lock) {
            most = gate.admit(active, target.remaining());
        }
        if (most == 0) {
            return 0;
        }
        int start = target.position();
        int limit = target.limit();
        target.limit(start + most);
        int count;
        try {
            count = stream.read(target);
        } finally {
            target.limit(limit);
        }
        if (count > 0) {
            cut(active, target, start);
            count = target.position() - start;
        }
        synchronized (lock) {
            readable = false;
            if (count > 0) {
                gate.passed(count);
            } else {
                gate.drained();
            }
        }
        if (count < 0) {
            owner.left();
        }
        return count;
    }

    /** Takes back what a truncation does not let through, and cuts the stream: at once if that is all. */
    private void cut(List<Rule> active, ByteBuffer target, int start) throws StreamException {
        ByteBuffer got = target.duplicate().flip().position(start);
        Rule first = null;
        synchronized (lock) {
            int behind = heads.behindHead(got);
            long allowed = behind;
            for (Rule rule : active) {
                long left = rule.effect().low() - behindHead;
                if (rule.is(Effect.Kind.TRUNCATE) && left < allowed) {
                    allowed = Math.max(left, 0);
                    first = rule;
                }
            }
            target.position(target.position() - (int) (behind - allowed));
            behindHead += allowed;
            cutter = first;
        }
        if (target.position() == start) {
            StreamException cause = cutIfDue();
            if (cause != null) {
                throw cause;
            }
        }
    }

    /** A reader that comes back is done with what it got. Cut earlier, an edge would drop it and answer with an error of its own. */
    private @Nullable StreamException cutIfDue() {
        Rule due;
        synchronized (lock) {
            due = cutter;
            cutter = null;
        }
        if (due == null) {
            return null;
        }
        due.hit();
        return owner.cut(TunnelError.RESET, due);
    }

    void onReadable(Runnable told) {
        cutIfDue();
        synchronized (lock) {
            callback = told;
        }
        run();
    }

    private void arrived() {
        synchronized (lock) {
            armed = false;
            readable = true;
            gate.arrive();
        }
        run();
    }

    /** Does what is due for a reader who waits. */
    void run() {
        List<Rule> active = mine.active(Direction.DOWN);
        Rule swallower = Mine.first(active, Effect.Kind.HALF_OPEN);
        Runnable due = null;
        boolean arm = false;
        long wait = 0;
        synchronized (lock) {
            if (callback == null) {
                return;
            }
            if (owner.failure() != null) {
                due = takeCallback();
            } else if (!readable) {
                arm = !armed;
                armed = true;
            } else if (swallower != null) {
                readable = false;
                owner.swallowed(swallower);
                arm = swallowed();
                armed = arm;
            } else if (gate.admit(active, 1) > 0) {
                due = takeCallback();
            } else if (!timed) {
                wait = gate.waitNanos();
                timed = wait != Gate.FOREVER;
            }
        }
        if (due != null) {
            due.run();
        } else if (arm) {
            stream.onReadable(this::arrived);
        } else if (wait > 0) {
            owner.later(this::timeIsUp, wait);
        }
    }

    private @Nullable Runnable takeCallback() {
        Runnable taken = callback;
        callback = null;
        return taken;
    }

    private void timeIsUp() {
        synchronized (lock) {
            timed = false;
        }
        run();
    }

    /** Swallows what is there; false at the end of it all. */
    private boolean swallowed() {
        ByteBuffer lost = ByteBuffer.allocate(SWALLOWED_AT_ONCE);
        try {
            int count;
            do {
                count = stream.read(lost.clear());
            } while (count > 0);
            return count == 0;
        } catch (IOException failed) {
            return false; // the stream tells its listener
        }
    }
}
