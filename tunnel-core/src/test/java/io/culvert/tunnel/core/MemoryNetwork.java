package io.culvert.tunnel.core;

import io.culvert.tunnel.AgentCredentials;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.net.AgentNetwork;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A network without sockets, for relays, agents and local services in one JVM. */
final class MemoryNetwork implements RelayNetwork, AutoCloseable {
    final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "memory-network");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger ports = new AtomicInteger(20_000);
    private final Map<Integer, Edge> edges = new ConcurrentHashMap<>();
    private final Set<Integer> services = ConcurrentHashMap.newKeySet();

    /** Agents' ends of all control channels, the newest last. */
    final List<MemoryCarrier> carriers = new CopyOnWriteArrayList<>();

    final AtomicInteger dials = new AtomicInteger();
    final AtomicInteger closedAgents = new AtomicInteger();

    /** Why relays cannot be reached, if it is not that they are down. */
    volatile TunnelError obstacle;

    /** Whether relays can be reached. */
    volatile boolean up = true;

    /** Answers dials in place of a relay, if set. */
    volatile Function<Carrier, Carrier.Listener> script;

    /** A local service that sends back what it gets. */
    void echo(int port) {
        services.add(port);
    }

    Edge edge(int port) {
        return edges.get(port);
    }

    @Override
    public Edge start(RelayOptions options, RelayFace face) {
        int port = options.port() != 0 ? options.port() : ports.incrementAndGet();
        Edge edge = new Edge(port, face);
        if (edges.putIfAbsent(port, edge) != null) {
            throw new TunnelException(TunnelError.BIND_FAILED, "Port " + port + " is in use.");
        }
        return edge;
    }

    AgentNetwork agent() {
        return new Agent();
    }

    /** Dials a relay's control channel; the listener is for the agent's end. */
    MemoryCarrier dial(int port, Optional<String> token, Function<Carrier, Carrier.Listener> listener) {
        dials.incrementAndGet();
        Edge edge = edges.get(port);
        Function<Carrier, Carrier.Listener> scripted = script;
        if (obstacle != null) {
            throw new TunnelException(obstacle);
        }
        if (!up || (edge == null && scripted == null)) {
            throw new TunnelException(TunnelError.RELAY_UNREACHABLE, "Nothing listens on port " + port + ".");
        }
        MemoryCarrier mine = MemoryCarrier.pair(executor);
        if (scripted != null) {
            mine.peer().listen(scripted.apply(mine.peer()));
        } else {
            AgentIdentity identity = edge.face
                    .authenticate(new AgentCredentials(token, List.of()))
                    .orElseThrow(() -> new TunnelException(TunnelError.UNAUTHORIZED));
            edge.carriers.add(mine.peer());
            mine.peer().listen(edge.face.connected(mine.peer(), identity, "memory", () -> {}));
        }
        mine.listen(listener.apply(mine));
        carriers.add(mine);
        return mine;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** Something that a test does meanwhile. */
    interface Task {
        void run() throws InterruptedException;
    }

    /** A relay's edge. */
    final class Edge implements RelayNetwork.Edge {
        final RelayFace face;
        final Set<Integer> open = ConcurrentHashMap.newKeySet();
        final List<MemoryCarrier> carriers = new CopyOnWriteArrayList<>();
        final AtomicInteger drained = new AtomicInteger();
        volatile boolean allDone = true;
        final AtomicInteger closed = new AtomicInteger();
        volatile Task whileDraining = () -> {};
        private final int port;

        private Edge(int port, RelayFace face) {
            this.port = port;
            this.face = face;
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public int openPort(int wanted) {
            int actual = wanted != 0 ? wanted : ports.incrementAndGet();
            if (!open.add(actual)) {
                throw new TunnelException(TunnelError.BIND_FAILED, "Port " + actual + " is in use.");
            }
            return actual;
        }

        @Override
        public void closePort(int which) {
            open.remove(which);
        }

        @Override
        public boolean drain(Duration atMost) {
            drained.incrementAndGet();
            try {
                whileDraining.run();
            } catch (InterruptedException x) {
                throw new AssertionError(x);
            }
            return allDone;
        }

        @Override
        public Executor executor() {
            return executor;
        }

        @Override
        public <T> Optional<T> host(Class<T> type) {
            return Optional.empty();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
            edges.remove(port, this);
            carriers.forEach(MemoryCarrier::abort);
        }
    }

    private final class Agent implements AgentNetwork {
        @Override
        public CompletableFuture<Carrier> connect(
                URI relay, Optional<String> token, Function<Carrier, Carrier.Listener> listener) {
            return CompletableFuture.supplyAsync(() -> dial(relay.getPort(), token, listener), executor);
        }

        @Override
        public CompletableFuture<MeteredConnection> dialLocal(LocalTarget target, Duration timeout) {
            return services.contains(target.port())
                    ? CompletableFuture.supplyAsync(Echo::new, executor)
                    : CompletableFuture.failedFuture(new StreamException(
                            TunnelError.LOCAL_REFUSED, "Nothing listens on port " + target.port() + "."));
        }

        @Override
        public Executor executor() {
            return executor;
        }

        @Override
        public <T> Optional<T> host(Class<T> type) {
            return Optional.empty();
        }

        @Override
        public void close() {
            closedAgents.incrementAndGet();
        }
    }

    /** A connection to a service that sends back what it gets. */
    private static final class Echo implements MeteredConnection {
        @Override
        public void join(DataStream stream, StreamMeter meter) {
            stream.onReadable(() -> pump(stream, meter));
        }

        private static void pump(DataStream stream, StreamMeter meter) {
            ByteBuffer buffer = ByteBuffer.allocate(1024);
            try {
                int count = stream.read(buffer);
                if (count < 0) {
                    stream.end();
                } else if (count == 0) {
                    stream.onReadable(() -> pump(stream, meter));
                } else {
                    meter.bytes(Direction.UP, count);
                    meter.bytes(Direction.DOWN, count);
                    stream.write(buffer.flip(), Ending.of(failure -> {
                        if (failure == null) {
                            pump(stream, meter);
                        } else {
                            stream.reset(failure);
                        }
                    }));
                }
            } catch (IOException x) {
                stream.reset(x);
            }
        }

        @Override
        public void abandon(Throwable cause) {}
    }
}
