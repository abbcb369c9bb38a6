package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.AgentCredentials;
import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.internal.io.TunnelClientConnector;
import io.culvert.tunnel.spi.DataStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/** An edge with tunnels whose streams are plain connections to a local service. */
final class TestRelay implements RelayFace, AutoCloseable {
    final RelayNetwork.Edge edge;
    final List<TunnelError> refused = new CopyOnWriteArrayList<>();
    final List<Measured> measured = new CopyOnWriteArrayList<>();
    final List<Limit> reached = new CopyOnWriteArrayList<>();
    final Map<String, DirectTunnel> byHost = new ConcurrentHashMap<>();
    final Map<Integer, DirectTunnel> byPort = new ConcurrentHashMap<>();
    private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
    private final ClientConnector dialer = new TunnelClientConnector(new ScheduledExecutorScheduler("dialer", true));
    volatile Function<Optional<String>, Optional<AgentIdentity>> authenticator = token -> Optional.empty();
    volatile Carrier.Listener carrierListener;

    /** A request that the edge reported. */
    record Measured(String tunnel, StreamKind kind, int status, Duration time) {}

    TestRelay(TestOrigin origin) {
        this(origin, options -> {});
    }

    /** The origin stands behind the host {@code app.test}. */
    TestRelay(TestOrigin origin, Consumer<TunnelRelay.Builder> options) {
        TunnelRelay.Builder builder = TunnelRelay.builder();
        options.accept(builder);
        LifeCycle.start(dialer);
        RelayOptions built = builder.options();
        edge = new JettyEdge(built, this, buffers);
        if (origin != null) {
            byHost.put("app.test", new DirectTunnel("app", origin.port()));
        }
    }

    TestVisitor visit() throws java.io.IOException {
        return new TestVisitor(edge.port());
    }

    DirectTunnel tunnel() {
        return byHost.get("app.test");
    }

    @Override
    public boolean isOwnHost(String host) {
        return host.equals("relay.test") || host.equals("127.0.0.1") || host.equals("localhost");
    }

    @Override
    public Optional<PublicTunnel> tunnelByHost(String host) {
        return Optional.ofNullable(byHost.get(host));
    }

    @Override
    public Optional<PublicTunnel> tunnelByPort(int port) {
        return Optional.ofNullable(byPort.get(port));
    }

    @Override
    public Optional<AgentIdentity> authenticate(AgentCredentials credentials) {
        return authenticator.apply(credentials.token());
    }

    @Override
    public Carrier.Listener connected(
            Carrier carrier, AgentIdentity identity, String remoteAddress, Runnable registered) {
        return carrierListener;
    }

    @Override
    public boolean measuresRequests() {
        return true;
    }

    @Override
    public void requestCompleted(PublicTunnel tunnel, StreamKind kind, int status, Duration time) {
        measured.add(new Measured(tunnel.name(), kind, status, time));
    }

    @Override
    public void limitReached(Limit limit) {
        reached.add(limit);
    }

    @Override
    public void visitorRefused(TunnelError error) {
        refused.add(error);
    }

    @Override
    public void close() {
        edge.close();
        LifeCycle.stop((Object) dialer);
        await().untilAsserted(() -> assertThat(buffers.getLeaks())
                .as(buffers::dumpLeaks)
                .filteredOn(TestRelay::isOurs)
                .isEmpty());
    }

    /** Jetty does not give back the input of a connection that is stopped while a body comes in. */
    private static boolean isOurs(ArrayByteBufferPool.Tracking.TrackedBuffer leak) {
        return Stream.of(leak.getAcquireStack().getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals("ensureRequestBuffer"));
    }

    /** Once nothing is going on. */
    void awaitNoLeaks() {
        await().untilAsserted(() ->
                assertThat(buffers.getLeaks()).as(buffers::dumpLeaks).isEmpty());
    }

    /** A tunnel without an agent between. */
    final class DirectTunnel implements PublicTunnel {
        final AtomicInteger opened = new AtomicInteger();
        final AtomicLong up = new AtomicLong();
        final AtomicLong down = new AtomicLong();
        private final String name;
        private final int port;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        /** Stands in for the transport's way of opening. */
        volatile Function<StreamKind, CompletableFuture<DataStream>> opener = this::dial;

        DirectTunnel(String name, int port) {
            this.name = name;
            this.port = port;
        }

        @Override
        public String name() {
            return name;
        }

        volatile String hostHeader;

        @Override
        public Optional<String> hostHeader() {
            return Optional.ofNullable(hostHeader);
        }

        @Override
        public CompletableFuture<OpenStream> open(StreamKind kind) {
            return opener.apply(kind).thenApply(stream -> new OpenStream(stream, this::count));
        }

        private void count(Direction direction, long count) {
            if (count > 0) {
                (direction == Direction.UP ? up : down).addAndGet(count);
            }
        }

        CompletableFuture<DataStream> dial(StreamKind kind) {
            CompletableFuture<DataStream> dialled = new CompletableFuture<>();
            String id = kind + "-" + opened.incrementAndGet();
            ClientConnectionFactory factory = (endPoint, context) ->
                    new EndPointStream(id, endPoint, dialer.getExecutor(), dialled::complete).connection();
            Map<String, Object> context = new ConcurrentHashMap<>();
            context.put(Transport.CONTEXT_KEY, Transport.TCP_IP);
            context.put(ClientConnectionFactory.CONTEXT_KEY, factory);
            context.put(
                    ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY,
                    Promise.from(connection -> {}, dialled::completeExceptionally));
            dialer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), context);
            return dialled;
        }

        void end() {
            ended.complete(null);
        }

        @Override
        public void onEnded(Runnable callback) {
            ended.thenRun(callback);
        }
    }
}
