package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.ConnectionInfo;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.capture.CapturedExchange;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Finds what is left of a session: before it is closed, what tests left open in its tunnels; afterwards, what its relay and agent left in
 * the process. It sees nothing of other sessions and of the application. For one thread.
 */
final class LeakCheck {
    /** How long it waits at first for what tests closed to be gone at the other end too, and then for what relay and agent closed. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();
    private static final int FRAMES = 6;

    /** Beginning of the names of the relay's and the agent's own threads. */
    private static final String OWN_THREADS = "culvert";

    private final Live live;
    private final TestLog tests;
    private final Duration patience;
    private final List<String> found = new ArrayList<>();
    private Set<OwnSockets.Socket> sockets = Set.of();

    LeakCheck(Live live, TestLog tests, Duration patience) {
        this.live = live;
        this.tests = tests;
        this.patience = patience;
    }

    /** Looks at what tests left open, which closing would close. */
    void beforeClose() {
        await(() -> streams().isEmpty() && live.agent().left().isEmpty());
        found.addAll(streams());
        for (WatchedAgent.Opened left : live.agent().left()) {
            found.add("the tunnel " + left.tunnel().publicUrl() + ", which " + left.where() + " exposed: close it");
        }
        sockets = sockets();
    }

    /** Upgraded connections, and streams with a request that has no whole answer. Others are kept for the next request. */
    private List<String> streams() {
        Map<String, CapturedExchange> exchanges = new HashMap<>();
        live.exchanges().now().forEach(exchange -> exchanges.put(exchange.stream(), exchange));
        List<String> open = new ArrayList<>();
        for (ConnectionInfo connection : live.relay().connections()) {
            CapturedExchange exchange = exchanges.remove(connection.id());
            if (exchange != null) {
                open.add(describe(exchange, connection));
            } else if (connection.stream().kind() == StreamKind.UPGRADE) {
                open.add("an upgraded connection through tunnel "
                        + connection.stream().tunnel() + ", opened "
                        + tests.during(Instant.now().minus(connection.age())) + ": close it");
            }
        }
        return open;
    }

    private String describe(CapturedExchange exchange, ConnectionInfo connection) {
        String what = exchange.request().method() + " " + exchange.request().target();
        boolean upgrade = connection.stream().kind() == StreamKind.UPGRADE;
        return (upgrade ? "the upgraded connection of " : "the exchange ") + what + " through tunnel "
                + exchange.tunnel() + ", begun " + tests.during(exchange.startedAt())
                + (upgrade ? ": close it" : ": answer it, and read or close its answer");
    }

    /** The sockets of relay and agent: those on the relay's ports, and those to the ports where agents dial. */
    private Set<OwnSockets.Socket> sockets() {
        Set<Integer> forAgents =
                new HashSet<>(List.of(live.relay().port(), live.relay().uri().getPort()));
        Set<Integer> own = new HashSet<>(forAgents);
        for (URI url : live.relay().tunnels().values()) {
            own.add(url.getPort());
            forAgents.remove(url.getPort()); // what dials this port may be a visitor
        }
        Set<OwnSockets.Socket> mine = OwnSockets.now();
        mine.removeIf(socket -> !own.contains(socket.localPort()) && !forAgents.contains(socket.remotePort()));
        return mine;
    }

    /** Looks at what relay and agent left behind. */
    void afterClose() {
        await(() -> threads().isEmpty() && openSockets().isEmpty());
        live.relay()
                .connections()
                .forEach(connection -> found.add("stream " + connection.id() + " of tunnel "
                        + connection.stream().tunnel() + ", still in the relay's books after it was closed"));
        openSockets().forEach(socket -> found.add(socket + ", still open after relay and agent were closed"));
        threads().forEach(thread -> found.add(describe(thread)));
    }

    private List<Thread> threads() {
        List<Thread> alive = live.threads().alive();
        if (live.agent().servedInProcess()) {
            alive.removeIf(thread -> !thread.getName().startsWith(OWN_THREADS));
        }
        return alive;
    }

    private static String describe(Thread thread) {
        StringBuilder text = new StringBuilder(
                "the thread '" + thread.getName() + "', still alive after relay and agent were closed");
        StackTraceElement[] stack = thread.getStackTrace();
        for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
            text.append("\n        at ").append(stack[i]);
        }
        return text.toString();
    }

    private Set<OwnSockets.Socket> openSockets() {
        if (sockets.isEmpty()) {
            return Set.of();
        }
        Set<String> open = OwnSockets.inodes();
        Set<OwnSockets.Socket> left = new HashSet<>(sockets);
        left.removeIf(socket -> !open.contains(socket.inode()));
        return left;
    }

    /**
     * Fails if anything was found.
     *
     * @param owner whose session it was
     */
    void report(String owner) {
        if (!found.isEmpty()) {
            throw new AssertionError(
                    owner + " left something open behind its tunnel:\n  - " + String.join("\n  - ", found));
        }
    }

    private void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean() && System.nanoTime() - start < patience.toNanos()) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
