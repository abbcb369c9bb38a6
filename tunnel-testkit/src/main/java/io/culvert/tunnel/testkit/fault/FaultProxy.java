package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A bad network between two parts of a tunnel: a TCP proxy on loopback that does to connections what the faults in force say. Between agent
 * and relay it can tell control channels from data connections, unless TLS hides what they are. All methods may be called from any thread; its
 * one thread is a daemon. It holds at most 64 KiB for each direction of a connection.
 *
 * <pre>{@code
 * try (FaultProxy network = FaultProxy.beforeRelay(relay.port())) {
 *     TunnelAgent agent = TunnelAgent.builder().relay(network.uri()).build();
 *     …
 *     network.onControl().reset();                  // the agent dials again
 *     network.onConnections().latency(Duration.ofMillis(50));
 *     network.reset();
 * }
 * }</pre>
 */
public final class FaultProxy implements AutoCloseable {
    /** How long bytes wait for others to overtake them. */
    private static final long OVERTAKING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Rules rules;
    private final Direction ofAccepted;
    private final ServerSocketChannel listener;
    private final Selector selector;
    private final Thread thread;
    private final int port;
    private volatile InetSocketAddress target;
    private volatile boolean closed;

    private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicLong ids = new AtomicLong();
    private final List<AtomicLong> counters = counters(); // bytes of control and data, down and up
    private final AtomicBoolean changed = new AtomicBoolean(); // faults, so that everything may move or not
    private final Object news = new Object(); // told when connections come, go or become known

    private FaultProxy(InetSocketAddress target, Direction ofAccepted, long seed) {
        this.target = target;
        this.ofAccepted = ofAccepted;
        this.rules = new Rules(seed);
        try {
            listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            listener.configureBlocking(false);
            port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            selector = Selector.open();
            listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException x) {
            throw new UncheckedIOException("A fault proxy could not listen on loopback", x);
        }
        thread = new Thread(this::loop, "fault-proxy-" + port);
        thread.setDaemon(true);
        rules.listen(this::changed);
        thread.start();
    }

    /** Between agents, which connect here, and the relay on that port of this machine. */
    public static FaultProxy beforeRelay(int relayPort) {
        return beforeRelay(relayPort, ThreadLocalRandom.current().nextLong());
    }

    /** As {@link #beforeRelay(int)}; the same seed makes the same choices in the same order of events. */
    public static FaultProxy beforeRelay(int relayPort, long seed) {
        return new FaultProxy(loopback(relayPort), Direction.DOWN, seed);
    }

    /** Between agents, which connect here, and a relay at any address. */
    static FaultProxy beforeRelay(InetSocketAddress relay, long seed) {
        return new FaultProxy(relay, Direction.DOWN, seed);
    }

    /** Before a local service or an edge on that port of this machine: what connects here is the visitor's side. */
    public static FaultProxy beforeService(int port) {
        return beforeService(port, ThreadLocalRandom.current().nextLong());
    }

    /** As {@link #beforeService(int)}; the same seed makes the same choices in the same order of events. */
    public static FaultProxy beforeService(int port, long seed) {
        return new FaultProxy(loopback(port), Direction.UP, seed);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** The address for agents: {@code ws://127.0.0.1:PORT}. */
    public URI uri() {
        return URI.create("ws://127.0.0.1:" + port);
    }

    /** What chance depends on; errors of this class name it. */
    public long seed() {
        return rules.seed();
    }

    /** New connections go to that port of this machine from now on. */
    public void target(int port) {
        target = loopback(port);
    }

    /** Every connection, now and later. */
    public FaultScope onConnections() {
        return scope("every connection", subject -> true);
    }

    /** Control channels, now and later. */
    public FaultScope onControl() {
        return on(ConnectionKind.CONTROL);
    }

    /** Data connections of the {@code tcp} transport, now and later. */
    public FaultScope onData() {
        return on(ConnectionKind.DATA);
    }

    private FaultScope on(ConnectionKind kind) {
        return scope("connections of kind " + kind, subject -> subject.connectionKind() == kind);
    }

    /** The control channels that are open now, and none later. */
    FaultScope onOpenControl() {
        Set<String> ids = connections.stream()
                .filter(connection -> connection.kind() == ConnectionKind.CONTROL)
                .map(connection -> connection.subject().id())
                .collect(Collectors.toSet());
        return scope("the control channels " + ids, subject -> ids.contains(subject.id()));
    }

    private Scope scope(String where, Predicate<Subject> which) {
        return new Scope(rules, Subject.Level.CONNECTION, where, which, this::cutNow);
    }

    /**
     * Changes the order of arrival between control channels and data connections: what arrives on one kind waits until something arrived on
     * the other, and at most 1 s.
     *
     * @param first the kind whose bytes overtake: {@code CONTROL} or {@code DATA}
     * @param direction for bytes that go that way
     */
    public Fault reorder(ConnectionKind first, Direction direction) {
        ConnectionKind second =
                switch (first) {
                    case CONTROL -> ConnectionKind.DATA;
                    case DATA -> ConnectionKind.CONTROL;
                    case OTHER -> throw new IllegalArgumentException("only CONTROL and DATA can overtake each other");
                };
        Scope scope = scope("connections of kind " + second, subject -> subject.connectionKind() == second);
        return scope.only(direction)
                .force(new Effect(Effect.Kind.OVERTAKEN, OVERTAKING_NANOS, OVERTAKING_NANOS, TunnelError.RESET));
    }

    /** How many connections of that kind are open. */
    public int open(ConnectionKind kind) {
        return (int) connections.stream().filter(c -> c.kind() == kind).count();
    }

    /**
     * Waits until so many connections of that kind are open.
     *
     * @throws AssertionError if that does not happen in time; it names the seed
     */
    public void awaitOpen(ConnectionKind kind, int count, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (news) {
            while (open(kind) != count) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (millis <= 0) {
                    throw new AssertionError("Of kind " + kind + " " + open(kind) + " connections are open after "
                            + atMost + ", not " + count + "; " + rules.describe());
                }
                try {
                    news.wait(millis);
                } catch (InterruptedException x) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("Interrupted while waiting for connections.", x);
                }
            }
        }
    }

    /** Lifts every fault. */
    public void reset() {
        rules.reset();
    }

    private void cutNow(Rule rule) {
        abort(connection -> rule.claim(connection.subject()));
    }

    /**
     * Lifts every fault. If faults swallowed something, so that connections will not outlive them, every connection that may be a control
     * channel is reset before anyone can dial another one.
     *
     * @return whether that was so
     */
    boolean mend() {
        return ask(() -> {
            boolean damaged = connections.stream().anyMatch(ProxyConnection::isDamaged);
            rules.reset();
            if (damaged) {
                connections.stream()
                        .filter(connection -> connection.kind() != ConnectionKind.DATA)
                        .forEach(ProxyConnection::abort);
            }
            return damaged;
        });
    }

    private void abort(Predicate<ProxyConnection> which) {
        ask(() -> {
            connections.stream().filter(which).forEach(ProxyConnection::abort);
            return true;
        });
    }

    /** Has the proxy's thread do something, and waits for it. */
    private boolean ask(BooleanSupplier question) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        execute(() -> answer.complete(question.getAsBoolean()));
        Waiting.until(answer, () -> this + " did not answer");
        return answer.join();
    }

    private void changed() {
        changed.set(true);
        selector.wakeup();
    }

    private void execute(Runnable task) {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
        tasks.add(task);
        selector.wakeup();
    }

    // What follows runs on the proxy's thread.

    private void loop() {
        try {
            while (!closed) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                long wait = moveAll();
                if (wait > 0) {
                    // 0 means for ever
                    long millis = wait == Gate.FOREVER ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait));
                    selector.select(this::ready, millis);
                } else {
                    selector.selectNow(this::ready);
                }
            }
        } catch (IOException x) {
            throw new UncheckedIOException("A fault proxy failed", x);
        } finally {
            connections.forEach(ProxyConnection::abort);
            closeQuietly(listener);
            closeQuietly(selector);
        }
    }

    /** Moves what may move; returns how long nothing more can happen by itself, 0 if more can be moved at once. */
    private long moveAll() {
        boolean all = changed.getAndSet(false);
        long wait = Gate.FOREVER;
        for (ProxyConnection connection : connections) {
            if (all || connection.isDue()) {
                connection.move();
            }
            wait = Math.min(wait, connection.waitNanos());
        }
        return changed.get() ? 0 : wait;
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof ProxyConnection connection) {
            connection.ready();
        } else {
            accept();
        }
    }

    private void accept() {
        try {
            for (SocketChannel near = listener.accept(); near != null; near = listener.accept()) {
                String id = "connection-" + ids.incrementAndGet();
                ProxyConnection connection = new ProxyConnection(this, near, id);
                connections.add(connection);
                connection.begin();
                tell();
            }
        } catch (IOException x) {
            throw new UncheckedIOException("A fault proxy cannot accept connections", x);
        }
    }

    Rules rules() {
        return rules;
    }

    Selector selector() {
        return selector;
    }

    InetSocketAddress target() {
        return target;
    }

    /** Which way the bytes of an accepted connection go. */
    Direction ofAccepted() {
        return ofAccepted;
    }

    /** Bytes that passed that way on connections of another kind than this, of the two that can overtake each other. */
    long passedOnOthers(ConnectionKind than, Direction direction) {
        return than == ConnectionKind.OTHER
                ? 0
                : passed(than == ConnectionKind.CONTROL, direction).get();
    }

    void passed(ConnectionKind kind, Direction direction, int count) {
        if (kind != ConnectionKind.OTHER) {
            passed(kind == ConnectionKind.DATA, direction).addAndGet(count);
            if (Mine.any(rules.inForce(), Effect.Kind.OVERTAKEN)) {
                changed.set(true);
            }
        }
    }

    private static List<AtomicLong> counters() {
        List<AtomicLong> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(new AtomicLong());
        }
        return all;
    }

    private AtomicLong passed(boolean data, Direction direction) {
        return counters.get((data ? 2 : 0) + direction.ordinal());
    }

    void gone(ProxyConnection connection) {
        connections.remove(connection);
        tell();
    }

    /** Connections came, went or are known now. */
    void tell() {
        synchronized (news) {
            news.notifyAll();
        }
    }

    private static void closeQuietly(AutoCloseable what) {
        try {
            what.close();
        } catch (Exception closedBefore) {
            // nothing is left to close
        }
    }

    /** Resets every connection and stops. Returns when its thread is gone. Idempotent. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(Waiting.PATIENCE.toMillis());
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "FaultProxy[port " + port + " to " + target.getPort() + ", " + rules.describe() + "]";
    }
}
