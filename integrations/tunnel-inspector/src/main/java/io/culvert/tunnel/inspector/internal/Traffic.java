package io.culvert.tunnel.inspector.internal;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.capture.CapturedExchange;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The newest exchanges, within bounds, and the tunnels that they came through. Thread-safe. */
public final class Traffic implements CaptureListener, TunnelListener {
    private final int maxExchanges;
    private final long maxKeptBytes;

    // All below are guarded by this.
    private final Map<Long, Kept> byNumber = new LinkedHashMap<>();
    private final Map<CapturedExchange, Kept> kept = new HashMap<>();

    /** Went on when they were dropped: what still comes of them does not bring them back. */
    private final Set<CapturedExchange> dropped = Collections.newSetFromMap(new WeakHashMap<>());

    private final Map<String, Tunnel> tunnels = new LinkedHashMap<>();
    private long keptBytes;
    private long lastNumber;
    private boolean recording = true;

    private final List<Consumer<Long>> watchers = new CopyOnWriteArrayList<>();

    /** An exchange under the inspector's own number, as several agents may be attached and each counts for itself. */
    record Numbered(long number, CapturedExchange exchange) {}

    private static final class Kept {
        final Numbered numbered;
        long bytes;

        Kept(Numbered numbered) {
            this.numbered = numbered;
        }
    }

    /** Nothing yet. */
    public Traffic(int maxExchanges, long maxKeptBytes) {
        this.maxExchanges = maxExchanges;
        this.maxKeptBytes = maxKeptBytes;
    }

    @Override
    public void onChange(CapturedExchange exchange) {
        long number;
        synchronized (this) {
            Kept known = kept.get(exchange);
            if (known == null) {
                if (dropped.contains(exchange)) {
                    return;
                }
                if (!recording) {
                    drop(exchange);
                    return;
                }
                known = new Kept(new Numbered(++lastNumber, exchange));
                kept.put(exchange, known);
                byNumber.put(lastNumber, known);
            }
            long bytes = exchange.keptBytes();
            keptBytes += bytes - known.bytes;
            known.bytes = bytes;
            number = known.numbered.number();
            shrink();
        }
        watchers.forEach(watcher -> watcher.accept(number));
    }

    /** Call with the lock. */
    private void drop(CapturedExchange exchange) {
        if (exchange.state() == CapturedExchange.State.OPEN) {
            dropped.add(exchange);
        }
    }

    /** Call with the lock. */
    private void shrink() {
        var oldest = byNumber.values().iterator();
        while (byNumber.size() > 1 && (byNumber.size() > maxExchanges || keptBytes > maxKeptBytes)) {
            Kept first = oldest.next();
            keptBytes -= first.bytes;
            kept.remove(first.numbered.exchange());
            drop(first.numbered.exchange());
            oldest.remove();
        }
    }

    @Override
    public synchronized void onState(Tunnel tunnel, TunnelState state, @Nullable TunnelException cause) {
        if (state == TunnelState.OPEN) {
            tunnels.put(tunnel.name(), tunnel);
        } else if (state == TunnelState.CLOSED) {
            tunnels.values().remove(tunnel);
        }
    }

    synchronized Optional<Numbered> exchange(long number) {
        return Optional.ofNullable(byNumber.get(number)).map(known -> known.numbered);
    }

    /** From the oldest to the newest. */
    synchronized List<Numbered> exchanges() {
        return byNumber.values().stream().map(known -> known.numbered).toList();
    }

    synchronized Optional<Tunnel> tunnel(String name) {
        return Optional.ofNullable(tunnels.get(name));
    }

    synchronized Collection<Tunnel> tunnels() {
        return List.copyOf(tunnels.values());
    }

    synchronized boolean isRecording() {
        return recording;
    }

    /** Whether exchanges that begin from now on are kept. */
    void recording(boolean on) {
        synchronized (this) {
            recording = on;
        }
        watchers.forEach(watcher -> watcher.accept(0L));
    }

    /** Forgets all exchanges; those that go on do not come back. */
    public void clear() {
        synchronized (this) {
            kept.keySet().forEach(this::drop);
            kept.clear();
            byNumber.clear();
            keptBytes = 0;
        }
        watchers.forEach(watcher -> watcher.accept(0L));
    }

    /**
     * Tells of changes.
     *
     * @param watcher called with the number of an exchange, or 0 for everything else; must not block
     * @return takes the watcher back
     */
    Runnable watch(Consumer<Long> watcher) {
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }
}
