package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelState;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the links of agents stand, as their tunnels say, and waiting for them to be lost and back. Thread-safe. */
final class Links implements TunnelListener {
    /** Of tunnels that are not closed; guarded by this. */
    private final Map<Tunnel, Standing> standings = new IdentityHashMap<>();

    /** Guarded by the links. */
    private static final class Standing {
        TunnelState state = TunnelState.CONNECTING;
        int losses;
    }

    /** The losses so far of the tunnels that were open at one moment. */
    record Mark(Map<Tunnel, Integer> losses) {
        boolean isEmpty() {
            return losses.isEmpty();
        }
    }

    @Override
    public synchronized void onState(Tunnel tunnel, TunnelState state, @Nullable TunnelException cause) {
        if (state == TunnelState.CLOSED) {
            standings.remove(tunnel);
        } else {
            Standing standing = standings.computeIfAbsent(tunnel, first -> new Standing());
            if (standing.state == TunnelState.OPEN && state == TunnelState.CONNECTING) {
                standing.losses++;
            }
            standing.state = state;
        }
        notifyAll();
    }

    synchronized Mark mark() {
        Map<Tunnel, Integer> losses = new IdentityHashMap<>();
        standings.forEach((tunnel, standing) -> {
            if (standing.state == TunnelState.OPEN) {
                losses.put(tunnel, standing.losses);
            }
        });
        return new Mark(losses);
    }

    /** Waits until each tunnel that was open then lost its link since, or is closed. */
    void awaitLost(Mark since, Duration atMost, Supplier<String> cause) {
        await(atMost, (tunnel, standing) -> hasLost(since, tunnel, standing), () -> "lost their link " + cause.get());
    }

    /** Waits until each tunnel that was open then lost its link since and has it back, or is closed. */
    void awaitLostAndBack(Mark since, Duration atMost, Supplier<String> cause) {
        awaitLost(since, atMost, cause);
        awaitBack(atMost, cause);
    }

    /** Waits until every tunnel is open, closes, or is closed. */
    void awaitBack(Duration atMost, Supplier<String> cause) {
        await(
                atMost,
                (tunnel, standing) -> standing.state != TunnelState.CONNECTING,
                () -> "had their link back " + cause.get());
    }

    private static boolean hasLost(Mark since, Tunnel tunnel, Standing standing) {
        Integer before = since.losses.get(tunnel);
        return before == null || standing.losses > before || standing.state == TunnelState.DRAINING;
    }

    private synchronized void await(
            Duration atMost, BiPredicate<Tunnel, Standing> wanted, Supplier<String> whatShouldBe) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!missing(wanted).isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("Not all tunnels " + whatShouldBe.get() + " within " + atMost + ", but for "
                        + missing(wanted) + ".");
            }
            try {
                wait(left);
            } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
                throw new AssertionError("Interrupted while waiting for the links of agents.", x);
            }
        }
    }

    /** Call with the lock. */
    private List<String> missing(BiPredicate<Tunnel, Standing> wanted) {
        return standings.entrySet().stream()
                .filter(entry -> !wanted.test(entry.getKey(), entry.getValue()))
                .map(entry -> entry.getKey().name() + " (" + entry.getValue().state + ")")
                .toList();
    }
}
