package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One direction of a {@link ProxyConnection}. On the proxy's thread only. */
final class Pipe {
    private static final int CAPACITY = 64 * 1024;

    /** How often one connection may read before others have their turn. */
    private static final int ROUNDS = 16;

    private final ProxyConnection connection;
    private final SocketChannel from;
    private final SocketChannel to;
    private final Direction direction;
    private final Gate gate;
    private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).flip();
    private final Map<Rule, Long> countedFrom = new HashMap<>(); // truncations: how much had passed before

    private long passed;
    private boolean ended; // the sender has
    private boolean endPassed;
    private boolean blocked; // the receiver takes no more now
    private boolean stalled;
    private boolean swallowed; // bytes that the receiver will never have
    private boolean undecided; // what the connection is for cannot be told yet
    private boolean more;
    private long wait = Gate.FOREVER;

    Pipe(ProxyConnection connection, SocketChannel from, SocketChannel to, Direction direction) {
        this.connection = connection;
        this.from = from;
        this.to = to;
        this.direction = direction;
        this.gate = new Gate(System::nanoTime, connection.proxy().rules().nextRandom(), () -> connection
                .proxy()
                .passedOnOthers(connection.kind(), direction));
    }

    Direction direction() {
        return direction;
    }

    /** Moves bytes on until there are none, or until something holds them. */
    void move(Mine mine) throws IOException {
        boolean swallow = false;
        wait = Gate.FOREVER;
        blocked = false;
        more = true;
        for (int round = 0; more && round < ROUNDS; round++) {
            stalled = Mine.any(mine.active(direction), Effect.Kind.STALL);
            if (wantsBytes()) {
                read();
            }
            List<Rule> rules = mine.active(direction); // the bytes may have told what the connection is for
            swallow = Mine.any(rules, Effect.Kind.HALF_OPEN);
            if (swallow) {
                swallowed |= bytes.hasRemaining();
                bytes.position(bytes.limit());
                more = !ended && more;
            } else if (bytes.hasRemaining() && !undecided) {
                write(rules);
            } else {
                more = false;
            }
        }
        if (ended && !endPassed && !bytes.hasRemaining() && !swallow && !stalled) {
            to.shutdownOutput();
            endPassed = true;
        }
    }

    private boolean wantsBytes() {
        return !ended && !stalled && (!bytes.hasRemaining() || undecided);
    }

    private void read() throws IOException {
        boolean wasEmpty = !bytes.hasRemaining();
        bytes.compact();
        int count = from.read(bytes);
        bytes.flip();
        if (count < 0) {
            ended = true;
            undecided = false;
        } else if (count > 0) {
            if (wasEmpty) {
                gate.arrive();
            }
            if (direction == connection.proxy().ofAccepted()) {
                undecided = !connection.recognise(bytes);
            }
        } else {
            more = false;
        }
    }

    private void write(List<Rule> rules) throws IOException {
        int most = gate.admit(rules, bytes.remaining());
        if (most == 0) {
            wait = gate.waitNanos();
            more = false;
            return;
        }
        for (Rule rule : rules) {
            if (rule.is(Effect.Kind.TRUNCATE)) {
                long before = countedFrom.computeIfAbsent(rule, since -> passed);
                most = (int) Math.min(most, rule.effect().low() - (passed - before));
                if (most <= 0) {
                    rule.hit();
                    connection.abort();
                    more = false;
                    return;
                }
            }
        }
        int limit = bytes.limit();
        bytes.limit(bytes.position() + most);
        int count = to.write(bytes);
        bytes.limit(limit);
        passed += count;
        gate.passed(count);
        connection.proxy().passed(connection.kind(), direction, count);
        if (!bytes.hasRemaining()) {
            gate.drained();
        }
        blocked = count < most;
        more = !blocked;
    }

    /** Whether bytes are missing, so that nothing more may pass. */
    boolean hasSwallowed() {
        return swallowed;
    }

    /** Whether both its ends are done with it. */
    boolean isOver() {
        return endPassed;
    }

    /** Whether more can be moved at once. */
    boolean isDue() {
        return more;
    }

    long waitNanos() {
        return wait;
    }

    int readInterest() {
        return wantsBytes() ? SelectionKey.OP_READ : 0;
    }

    int writeInterest() {
        return blocked ? SelectionKey.OP_WRITE : 0;
    }
}
