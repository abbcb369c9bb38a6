package io.culvert.tunnel.inspector.internal;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.capture.CapturedExchange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The newest exchanges, within bounds, and the tunnels that they came through. Thread-safe. */
public final class Traffic implements CaptureListener, TunnelListener {
    private final int maxExchanges;
    private final long maxKeptBytes;

    // All below are guarded by this.
    private final Map<Long, Kept> exchanges = new LinkedHashMap<>();
    private final Map<String, Tunnel> tunnels = new LinkedHashMap<>();
    private long keptBytes;
    private boolean recording = true;
    private long forgotten;

    private final List<Consumer<Long>> watchers = new CopyOnWriteArrayList<>();

    private static final class Kept {
        final CapturedExchange exchange;
        long bytes;

        Kept(CapturedExchange exchange) {
            this.exchange = exchange;
        }
    }

    /** Nothing yet. */
    public Traffic(int maxExchanges, long maxKeptBytes) {
        this.maxExchanges = maxExchanges;
        this.maxKeptBytes = maxKeptBytes;
    }

    @Override
    public void onChange(CapturedExchange exchange) {
        synchronized (this) {
            Kept kept = exchanges.get(exchange.number());
            if (kept == null) {
                if (!recording || exchange.number() <= forgotten) {
                    return;
                }
                kept = new Kept(exchange);
                exchanges.put(exchange.number(), kept);
            }
            long bytes = exchange.keptBytes();
            keptBytes += bytes - kept.bytes;
            kept.bytes = bytes;
            shrink();
        }
        watchers.forEach(watcher -> watcher.accept(exchange.number()));
    }

    /** Call with the lock. */
    private void shrink() {
        var oldest = exchanges.values().iterator();
        while (exchanges.size() > 1 && (exchanges.size() > maxExchanges || keptBytes > maxKeptBytes)) {
            Kept first = oldest.next();
            keptBytes -= first.bytes;
            forgotten = Math.max(forgotten, first.exchange.number());
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

    synchronized Optional<CapturedExchange> exchange(long number) {
        return Optional.ofNullable(exchanges.get(number)).map(kept -> kept.exchange);
    }

    /** From the oldest to the newest. */
    synchronized List<CapturedExchange> exchanges() {
        List<CapturedExchange> all = new ArrayList<>();
        exchanges.values().forEach(kept -> all.add(kept.exchange));
        return all;
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
            exchanges.keySet().stream().mapToLong(number -> number).max().ifPresent(newest -> forgotten = newest);
            exchanges.clear();
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
