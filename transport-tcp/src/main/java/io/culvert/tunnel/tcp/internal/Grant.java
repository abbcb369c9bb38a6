package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.jetty.EndPointStream;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Leave for one data connection with one id. */
final class Grant {
    private enum State {
        /** The connection may come. */
        OPEN,
        /** It came. */
        USED,
        /** It came too late, or is not wanted any more. */
        VOID
    }

    private final String id;
    private final byte[] secret;
    private final Consumer<Grant> onUsed;

    /** Forgotten when it was called, as used grants are remembered. */
    private final AtomicReference<Consumer<EndPointStream>> onArrived;

    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    /**
     * A grant for a session.
     *
     * @param secret the session's
     * @param onUsed told when the connection was let in
     * @param onArrived told once with the connection, on a selector's thread
     */
    Grant(String id, byte[] secret, Consumer<Grant> onUsed, Consumer<EndPointStream> onArrived) {
        this.id = id;
        this.secret = secret;
        this.onUsed = onUsed;
        this.onArrived = new AtomicReference<>(onArrived);
    }

    String id() {
        return id;
    }

    /** Whether the credential is the session's; takes the same time for every credential of that length. */
    boolean accepts(byte[] credential) {
        return MessageDigest.isEqual(secret, credential);
    }

    /** Whether the connection may come, which it may once. */
    boolean use() {
        boolean first = state.compareAndSet(State.OPEN, State.USED);
        if (first) {
            onUsed.accept(this);
        }
        return first;
    }

    boolean revoke() {
        return state.compareAndSet(State.OPEN, State.VOID);
    }

    boolean isUsed() {
        return state.get() == State.USED;
    }

    void arrived(EndPointStream stream) {
        onArrived.getAndSet(forgotten -> {}).accept(stream);
    }
}
