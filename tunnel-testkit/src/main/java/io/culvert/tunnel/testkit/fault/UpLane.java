package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stream's way up, as its writer has it. One thread at a time works on it; others leave word that there is more to do. */
final class UpLane {
    /** RFC 9110, section 9.2.2, without what an edge refuses. */
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

    private final FaultStream owner;
    private final DataStream stream;
    private final Rules rules;
    private final Mine mine;
    private final RequestFraming framing;
    private final Gate gate;

    private final Object lock = new Object();
    private @Nullable ByteBuffer source; // guarded by lock
    private @Nullable Completion completion; // guarded by lock
    private boolean writing; // the stream has a write of ours; guarded by lock
    private boolean working; // guarded by lock
    private boolean again; // guarded by lock
    private boolean timed; // guarded by lock

    // All below: touched by whoever is working.
    private @Nullable ByteBuffer out;
    private boolean outIsBody;
    private int headPassed;
    private int requests;
    private long behindHead;

    UpLane(FaultStream owner, DataStream stream, Rules rules, Mine mine) {
        this.owner = owner;
        this.stream = stream;
        this.rules = rules;
        this.mine = mine;
        this.framing = new RequestFraming(mine.subject().streamKind() == StreamKind.UPGRADE);
        this.gate = new Gate(System::nanoTime, rules.nextRandom());
    }

    void write(ByteBuffer bytes, Completion done) {
        boolean second;
        synchronized (lock) {
            second = completion != null;
            if (!second) {
                source = bytes;
                completion = done;
            }
        }
        if (second) {
            done.failed(new IllegalStateException("Stream " + stream.id() + " has a write outstanding."));
            return;
        }
        run();
    }

    void end() {
        Rule swallower = Mine.first(mine.active(Direction.UP), Effect.Kind.HALF_OPEN);
        if (swallower != null) {
            owner.swallowed(swallower);
            return;
        }
        ByteBuffer held = heldHead();
        if (held == null) {
            stream.end();
            return;
        }
        stream.write(held, new Completion() {
            @Override
            public void succeeded() {
                stream.end();
            }

            @Override
            public void failed(Throwable cause) {}
        });
    }

    /** What was kept of a head that never became whole. */
    private @Nullable ByteBuffer heldHead() {
        byte[] head = framing.headSoFar();
        return framing.inHead() && headPassed < head.length
                ? ByteBuffer.wrap(head, headPassed, head.length - headPassed)
                : null;
    }

    /** Does what is due. */
    void run() {
        synchronized (lock) {
            if (working) {
                again = true;
                return;
            }
            working = true;
        }
        boolean more;
        do {
            step();
            synchronized (lock) {
                more = again;
                again = false;
                working = more;
            }
        } while (more);
    }

    private void step() {
        ByteBuffer bytes;
        synchronized (lock) {
            if (completion == null || writing) {
                return;
            }
            bytes = source;
        }
        StreamException failure = owner.failure();
        if (failure != null) {
            done(failure);
            return;
        }
        if (out == null || !out.hasRemaining()) {
            if (!bytes.hasRemaining()) {
                done(null);
                return;
            }
            next(bytes);
            repeat();
            return;
        }
        send(out);
    }

    /** Decides what of the bytes goes out next. */
    private void next(ByteBuffer bytes) {
        ByteBuffer ahead = bytes.duplicate();
        if (!framing.inHead()) {
            framing.skipBody(ahead);
            out = bytes.duplicate().limit(ahead.position());
            outIsBody = true;
        } else {
            boolean whole = framing.feedHead(ahead);
            boolean held = framing.inHead() && !whole && rules.anyForRequests();
            byte[] head = whole || !framing.inHead() ? framing.takeHead() : framing.headSoFar();
            out = held ? null : ByteBuffer.wrap(head, headPassed, head.length - headPassed);
            outIsBody = false;
            headPassed = whole ? 0 : held ? headPassed : head.length;
            if (whole) {
                begin(head);
            }
        }
        bytes.position(ahead.position());
    }

    private void begin(byte[] bytes) {
        requests++;
        behindHead = 0;
        owner.requestBegins();
        gate.arrive();
        RequestHead head = RequestHead.parse(bytes);
        List<Rule> faults = rules.claim(mine.subject().request(head), bytes);
        mine.begin(faults);
        for (Rule fault : faults) {
            boolean reset = fault.is(Effect.Kind.RESET);
            if (reset || fault.is(Effect.Kind.REFUSE)) {
                TunnelError error = reset ? TunnelError.RESET : fault.effect().error();
                // A relay takes a stream that breaks before its answer for stale, and sends such a request once more.
                if (error == TunnelError.RESET
                        && requests > 1
                        && framing.isWithoutBody()
                        && IDEMPOTENT.contains(head.method())) {
                    rules.expectRepeat(fault, bytes);
                }
                owner.cut(error, fault);
                return;
            }
        }
    }

    private void send(ByteBuffer from) {
        List<Rule> active = mine.active(Direction.UP);
        Rule swallower = Mine.first(active, Effect.Kind.HALF_OPEN);
        if (swallower != null) {
            owner.swallowed(swallower);
            from.position(from.limit());
            repeat();
            return;
        }
        gate.arrive();
        int most = gate.admit(active, from.remaining());
        if (most == 0) {
            await(gate.waitNanos());
            return;
        }
        if (outIsBody) {
            for (Rule rule : active) {
                if (rule.is(Effect.Kind.TRUNCATE)) {
                    most = (int) Math.min(most, rule.effect().low() - behindHead);
                    if (most <= 0) {
                        rule.hit();
                        owner.cut(TunnelError.RESET, rule);
                        repeat();
                        return;
                    }
                }
            }
            behindHead += most;
        }
        gate.passed(most);
        ByteBuffer piece = from.duplicate().limit(from.position() + most);
        from.position(from.position() + most);
        synchronized (lock) {
            writing = true;
        }
        stream.write(piece, new Completion() {
            @Override
            public void succeeded() {
                written(null);
            }

            @Override
            public void failed(Throwable cause) {
                written(cause);
            }
        });
    }

    private void written(@Nullable Throwable failure) {
        synchronized (lock) {
            writing = false;
        }
        if (failure == null) {
            run();
        } else {
            StreamException known = owner.failure();
            done(known != null ? known : failure);
        }
    }

    private void done(@Nullable Throwable failure) {
        Completion told;
        synchronized (lock) {
            told = completion;
            completion = null;
            source = null;
        }
        out = null;
        gate.drained();
        if (told == null) {
            return;
        }
        if (failure == null) {
            told.succeeded();
        } else {
            told.failed(failure);
        }
    }

    private void await(long nanos) {
        synchronized (lock) {
            if (timed || nanos == Gate.FOREVER) {
                return;
            }
            timed = true;
        }
        owner.later(
                () -> {
                    synchronized (lock) {
                        timed = false;
                    }
                    run();
                },
                nanos);
    }

    private void repeat() {
        synchronized (lock) {
            again = true;
        }
    }
}
