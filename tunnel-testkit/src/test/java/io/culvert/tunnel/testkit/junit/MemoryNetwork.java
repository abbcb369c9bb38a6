package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.AgentCredentials;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.net.AgentNetwork;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.net.URI;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A network without sockets, for all relays and agents of this JVM. */
final class MemoryNetwork implements RelayNetwork {
    static final MemoryNetwork SHARED = new MemoryNetwork();

    private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(everybodys(), task, "memory-network");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger ports = new AtomicInteger(20_000);
    private final Map<Integer, Edge> edges = new ConcurrentHashMap<>(); // by the relay's port and by those of tunnels

    private MemoryNetwork() {}

    /** The group of threads that belong to no test. */
    private static ThreadGroup everybodys() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    /** A visitor's stream through the tunnel at that URL. */
    DataStream visit(URI url, StreamKind kind) throws Exception {
        Edge edge = edges.get(url.getPort());
        if (edge == null) {
            throw new AssertionError("Nothing listens at " + url + ".");
        }
        OpenStream open =
                edge.face.tunnelByPort(url.getPort()).orElseThrow().open(kind).get(20, TimeUnit.SECONDS);
        return open.stream();
    }

    /** Whether a relay or tunnel has that port. */
    boolean listens(int port) {
        return edges.containsKey(port);
    }

    @Override
    public Edge start(RelayOptions options, RelayFace face) {
        Edge edge = new Edge(ports.incrementAndGet(), face);
        edges.put(edge.port, edge);
        return edge;
    }

    AgentNetwork agent() {
        return new Agent();
    }

    private Carrier dial(int port, Optional<String> token, Function<Carrier, Carrier.Listener> listener) {
        Edge edge = edges.get(port);
        if (edge == null) {
            throw new TunnelException(TunnelError.RELAY_UNREACHABLE);
        }
        AgentIdentity identity = edge.face
                .authenticate(new AgentCredentials(token, List.of()))
                .orElseThrow(() -> new TunnelException(TunnelError.UNAUTHORIZED));
        MemoryCarrier mine = MemoryCarrier.pair(executor);
        edge.carriers.add(mine.peer());
        mine.peer().listen(edge.face.connected(mine.peer(), identity, "memory", () -> {}));
        mine.listen(listener.apply(mine));
        return mine;
    }

    /** A relay's edge. */
    final class Edge implements RelayNetwork.Edge {
        private final RelayFace face;
        private final int port;
        private final Set<Integer> open = ConcurrentHashMap.newKeySet();
        private final List<MemoryCarrier> carriers = new CopyOnWriteArrayList<>();

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
            int actual = ports.incrementAndGet();
            open.add(actual);
            edges.put(actual, this);
            return actual;
        }

        @Override
        public void closePort(int which) {
            open.remove(which);
            edges.remove(which, this);
        }

        @Override
        public boolean drain(Duration atMost) {
            return true;
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
            open.forEach(this::closePort);
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
            return CompletableFuture.failedFuture(
                    new StreamException(TunnelError.LOCAL_REFUSED, "There is nothing to dial in memory."));
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
        public void close() {}
    }
}
