package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection through a {@link FaultProxy}: two sockets and a pipe each way. On the proxy's thread only, but for what says otherwise. */
final class ProxyConnection {
    private static final byte[] CONTROL = "GET /_tunnel/control".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "GET /_ws_proxy/".getBytes(StandardCharsets.US_ASCII);

    private final FaultProxy proxy;
    private final Mine mine;
    private final SocketChannel near;
    private @Nullable SocketChannel far;
    private @Nullable Pipe there;
    private @Nullable Pipe back;
    private @Nullable SelectionKey nearKey;
    private @Nullable SelectionKey farKey;
    private boolean known; // what it is for
    private boolean connected;
    private boolean due;
    private boolean broken; // one side is, and the other must not know yet
    private boolean over;
    private long wakeAt = Gate.FOREVER;

    ProxyConnection(FaultProxy proxy, SocketChannel near, String id) {
        this.proxy = proxy;
        this.near = near;
        this.mine = new Mine(proxy.rules(), Subject.connection(id, ConnectionKind.OTHER));
        this.known = proxy.ofAccepted() == Direction.UP;
    }

    /** From any thread. */
    Subject subject() {
        return mine.subject();
    }

    /** From any thread. */
    ConnectionKind kind() {
        ConnectionKind kind = subject().connectionKind();
        return kind == null ? ConnectionKind.OTHER : kind;
    }

    void begin() {
        try {
            near.configureBlocking(false);
            near.setOption(StandardSocketOptions.TCP_NODELAY, true);
            nearKey = near.register(proxy.selector(), 0, this);
            if (isRefused()) {
                abort();
                return;
            }
            SocketChannel out = SocketChannel.open();
            far = out;
            out.configureBlocking(false);
            out.setOption(StandardSocketOptions.TCP_NODELAY, true);
            connected = out.connect(proxy.target());
            farKey = out.register(proxy.selector(), connected ? 0 : SelectionKey.OP_CONNECT, this);
            Direction down = proxy.ofAccepted();
            there = new Pipe(this, near, out, down);
            back = new Pipe(this, out, near, down == Direction.UP ? Direction.DOWN : Direction.UP);
            due = true;
        } catch (IOException x) {
            abort();
        }
    }

    private boolean isRefused() {
        for (Rule rule : proxy.rules().inForce()) {
            if (rule.is(Effect.Kind.REFUSE) && rule.claim(subject())) {
                return true;
            }
        }
        return false;
    }

    void ready() {
        due = true;
    }

    boolean isDue() {
        return due || wakeAt != Gate.FOREVER && System.nanoTime() - wakeAt >= 0;
    }

    /** How long nothing can happen by itself. */
    long waitNanos() {
        return due ? 0 : wakeAt == Gate.FOREVER ? Gate.FOREVER : Math.max(0, wakeAt - System.nanoTime());
    }

    /** Moves what may move now. */
    void move() {
        due = false;
        if (over || there == null || back == null || far == null) {
            return;
        }
        try {
            if (!connected) {
                connected = far.finishConnect();
            }
            if (isDamaged() && !isHalfOpen()) {
                abort(); // a host that comes back knows nothing of its connections
            } else if (connected && !broken) {
                there.move(mine);
                back.move(mine);
            }
            if (over) {
                return;
            }
            if (there.isOver() && back.isOver()) {
                finish();
                return;
            }
            settle();
        } catch (IOException x) {
            if (isHalfOpen()) {
                broken = true;
                settle();
            } else {
                abort();
            }
        }
    }

    /** Whether one side is broken or misses bytes, and only a fault keeps the other from being told. */
    boolean isDamaged() {
        return broken || there != null && there.hasSwallowed() || back != null && back.hasSwallowed();
    }

    private boolean isHalfOpen() {
        return Mine.any(mine.active(Direction.UP), Effect.Kind.HALF_OPEN)
                || Mine.any(mine.active(Direction.DOWN), Effect.Kind.HALF_OPEN);
    }

    private void settle() {
        if (broken) {
            wakeAt = Gate.FOREVER;
            interest(0, 0);
            return;
        }
        due = there.isDue() || back.isDue();
        long wait = Math.min(there.waitNanos(), back.waitNanos());
        wakeAt = wait == Gate.FOREVER ? Gate.FOREVER : System.nanoTime() + wait;
        if (connected) {
            interest(there.readInterest() | back.writeInterest(), back.readInterest() | there.writeInterest());
        } else {
            interest(0, SelectionKey.OP_CONNECT);
        }
    }

    private void interest(int ofNear, int ofFar) {
        if (nearKey.isValid()) {
            nearKey.interestOps(ofNear);
        }
        if (farKey.isValid()) {
            farKey.interestOps(ofFar);
        }
    }

    /**
     * The first bytes of the accepted side: tells what the connection is for.
     *
     * @return whether that is known now; until then the bytes wait
     */
    boolean recognise(ByteBuffer first) {
        if (known) {
            return true;
        }
        Optional<Boolean> control = startsWith(first, CONTROL);
        Optional<Boolean> data = startsWith(first, DATA);
        if (control.orElse(true) || data.orElse(true)) {
            known = control.orElse(false) || data.orElse(false);
            if (known) {
                ConnectionKind kind = control.orElse(false) ? ConnectionKind.CONTROL : ConnectionKind.DATA;
                mine.become(Subject.connection(subject().id(), kind));
                proxy.tell();
                if (isRefused()) {
                    abort();
                }
            }
        } else {
            known = true;
        }
        return known && !over;
    }

    /** Empty if more bytes must come before it can be said. */
    private static Optional<Boolean> startsWith(ByteBuffer bytes, byte[] prefix) {
        int count = Math.min(bytes.remaining(), prefix.length);
        ByteBuffer start = bytes.duplicate().limit(bytes.position() + count);
        if (!start.equals(ByteBuffer.wrap(prefix, 0, count))) {
            return Optional.of(false);
        }
        return count == prefix.length ? Optional.of(true) : Optional.empty();
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** Both sides see a reset. */
    void abort() {
        end(true);
    }

    private void finish() {
        end(false);
    }

    private void end(boolean reset) {
        if (over) {
            return;
        }
        over = true;
        due = false;
        wakeAt = Gate.FOREVER;
        proxy.gone(this); // first: whoever sees the end may ask what is still open
        close(near, reset);
        if (far != null) {
            close(far, reset);
        }
    }

    private static void close(SocketChannel channel, boolean reset) {
        try (channel) {
            if (reset && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException closedBefore) {
            // nothing is left to reset
        }
    }
}
