package io.culvert.tunnel.tcp.internal;

import java.util.LinkedHashSet;
import java.util.Set;

/** The last few streams that are over: a peer may have sent a message about them before it knew. Thread-safe. */
final class RecentIds {
    private static final int MAX = 256;

    /** Guarded by this; the oldest first. */
    private final Set<String> ids = new LinkedHashSet<>();

    synchronized void add(String id) {
        if (ids.add(id) && ids.size() > MAX) {
            ids.remove(ids.iterator().next());
        }
    }

    synchronized boolean contains(String id) {
        return ids.contains(id);
    }
}
