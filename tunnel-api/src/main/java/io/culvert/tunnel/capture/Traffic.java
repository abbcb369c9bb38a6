package io.culvert.tunnel.capture;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelState;
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

/**
 * The newest exchanges of any number of agents, within bounds, and the tunnels that they came through: what an inspector or a recorder is
 * built on. An agent reports to it when its builder is given it as listener of a {@link Capture} and of states. Thread-safe.
 */
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

    /**
     * An exchange under a number of this traffic's own, as each of several agents counts for itself.
     *
     * @param number from 1, in the order in which exchanges began
     * @param exchange the exchange
     */
    public record Numbered(long number, CapturedExchange exchange) {}

    private static final class Kept {
        final Numbered numbered;
        long bytes;

        Kept(Numbered numbered) {
            this.numbered = numbered;
        }
    }

    /**
     * Nothing yet.
     *
     * @param maxExchanges how many to keep, the newest; at least 1
     * @param maxKeptBytes bytes of bodies and messages to keep of all together; the oldest exchanges go first, the newest stays in any case
     */
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
    public void onState(Tunnel tunnel, TunnelState state, @Nullable TunnelException cause) {
        synchronized (this) {
            if (state == TunnelState.OPEN) {
                tunnels.put(tunnel.name(), tunnel);
            } else if (state == TunnelState.CLOSED) {
                tunnels.values().remove(tunnel);
            }
        }
        watchers.forEach(watcher -> watcher.accept(0L));
    }

    /** The exchange of that number, while it is kept. */
    public synchronized Optional<Numbered> exchange(long number) {
        return Optional.ofNullable(byNumber.get(number)).map(known -> known.numbered);
    }

    /** From the oldest to the newest. */
    public synchronized List<Numbered> exchanges() {
        return byNumber.values().stream().map(known -> known.numbered).toList();
    }

    /** The open tunnel of that name. */
    public synchronized Optional<Tunnel> tunnel(String name) {
        return Optional.ofNullable(tunnels.get(name));
    }

    /** The tunnels that were open and are not closed yet. */
    public synchronized Collection<Tunnel> tunnels() {
        return List.copyOf(tunnels.values());
    }

    /** Whether exchanges that begin are kept. At first they are. */
    public synchronized boolean isRecording() {
        return recording;
    }

    /** Whether exchanges that begin from now on are kept. */
    public void recording(boolean on) {
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
    public Runnable watch(Consumer<Long> watcher) {
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }
}
