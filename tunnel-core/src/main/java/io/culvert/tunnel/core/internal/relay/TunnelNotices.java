package io.culvert.tunnel.core.internal.relay;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to know that a tunnel takes no new streams, and that the time of its open connections is up. Told without the lock. Thread-safe. */
final class TunnelNotices {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelNotices.class);

    private final String tunnel;
    private final Object lock = new Object();
    private final List<Runnable> onEnd = new ArrayList<>(); // guarded by lock
    private boolean ended; // guarded by lock
    private final Set<Runnable> onFarewell = new HashSet<>(); // guarded by lock
    private boolean farewell; // guarded by lock

    /** For the tunnel of that name. */
    TunnelNotices(String tunnel) {
        this.tunnel = tunnel;
    }

    void onEnded(Runnable callback) {
        synchronized (lock) {
            if (!ended) {
                onEnd.add(callback);
                return;
            }
        }
        tell(callback);
    }

    /** Returns how to forget the callback. */
    Runnable onFarewell(Runnable callback) {
        synchronized (lock) {
            if (!farewell) {
                onFarewell.add(callback);
                return () -> forget(callback);
            }
        }
        tell(callback);
        return () -> {};
    }

    private void forget(Runnable callback) {
        synchronized (lock) {
            onFarewell.remove(callback);
        }
    }

    /** No new streams; those who ask from now on hear it at once. */
    void ended() {
        List<Runnable> told;
        synchronized (lock) {
            ended = true;
            told = List.copyOf(onEnd);
            onEnd.clear();
        }
        told.forEach(this::tell);
    }

    /** New streams again: the agent changed its mind. */
    void goesOn() {
        synchronized (lock) {
            ended = false;
        }
    }

    /** The time of the open connections is up. */
    void farewell() {
        List<Runnable> told;
        synchronized (lock) {
            farewell = true;
            told = List.copyOf(onFarewell);
            onFarewell.clear();
        }
        told.forEach(this::tell);
    }

    private void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException x) {
            LOG.error("A listener to tunnel {} failed", tunnel, x);
        }
    }
}
