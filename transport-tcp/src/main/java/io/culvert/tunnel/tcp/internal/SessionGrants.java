package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.jetty.EndPointStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** One session's grants on the relay's data path. Thread-safe. */
final class SessionGrants implements AutoCloseable {
    /** How many used ids are remembered, so that a second use is told from an unknown id. */
    private static final int MAX_USED = 1024;

    private final DataPathHandler dataPath;
    private final byte[] secret;

    private final Consumer<Grant> onUsed = this::used;

    /** Guarded by this: what may still be used. */
    private final Set<Grant> open = new HashSet<>();

    /** Guarded by this; the oldest first. */
    private final Deque<Grant> used = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean closed;

    SessionGrants(DataPathHandler dataPath, String secret) {
        this.dataPath = dataPath;
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
    }

    /** Lets one connection with the id in; after {@link #close} none. */
    Grant grant(String id, Consumer<EndPointStream> onArrived) {
        Grant grant = new Grant(id, secret, onUsed, onArrived);
        synchronized (this) {
            if (closed) {
                grant.revoke();
            } else {
                open.add(grant);
                dataPath.admit(grant);
            }
        }
        return grant;
    }

    /** Takes a grant back; false if its connection was let in before. */
    boolean revoke(Grant grant) {
        if (!grant.revoke()) {
            return false;
        }
        synchronized (this) {
            open.remove(grant);
        }
        dataPath.forget(grant);
        return true;
    }

    private synchronized void used(Grant grant) {
        open.remove(grant);
        used.add(grant);
        if (closed || used.size() > MAX_USED) {
            dataPath.forget(used.remove());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Grant grant : open) {
            grant.revoke();
            dataPath.forget(grant);
        }
        used.forEach(dataPath::forget);
        open.clear();
        used.clear();
    }
}
