package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.AdminOptions;
import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.jetty.internal.admin.AdminServer;
import io.culvert.tunnel.jetty.internal.io.ConnectionLimit;
import io.culvert.tunnel.jetty.internal.io.RoleThreads;
import io.culvert.tunnel.jetty.internal.io.TunnelConnector;
import io.culvert.tunnel.jetty.internal.io.VisitorClock;
import io.culvert.tunnel.jetty.internal.proxy.Activity;
import io.culvert.tunnel.jetty.internal.proxy.TunnelProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.IO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A relay's public side on a Jetty server of its own. */
final class JettyEdge implements RelayNetwork.Edge {
    private static final Logger LOG = LoggerFactory.getLogger(JettyEdge.class);
    private static final int AGENT_SELECTORS = 1;

    private final Server server;
    private final ServerSocketChannel mainChannel;
    private final Optional<ServerSocketChannel> agentChannel;
    private final int port;
    private final PortListeners listeners;
    private final ReservedPaths reserved;
    private final TunnelProxy proxy;
    private final EdgeHandler handler;
    private final Activity activity = new Activity();
    private final AtomicBoolean closed = new AtomicBoolean();
    private Optional<AdminServer> admin = Optional.empty(); // written by the constructor only

    JettyEdge(RelayOptions options, RelayFace face, ByteBufferPool buffers) {
        Optional<EdgeTls> tls = options.tls().map(EdgeTls::forVisitors);
        Optional<EdgeTls> agentTls = options.tls().flatMap(keys -> options.agentCertificates()
                .map(trusted -> EdgeTls.forAgents(keys, trusted, options.agentCertificatesRequired())));
        this.mainChannel = PortListeners.bind(options.bind(), options.port());
        this.port = mainChannel.socket().getLocalPort();
        this.agentChannel = bindForAgents(options);
        this.server = new Server(new EdgeThreads(), RoleThreads.scheduler("culvert-relay-scheduler"), buffers);
        server.setStopTimeout(0);
        Predicate<InetAddress> trusted = TrustedProxies.of(options.trustedProxies());
        ConnectionLimit limit = new ConnectionLimit(
                options.limits().connections(), options.limits().connectionsPerAddress(), trusted, face::limitReached);
        ServerConnector connector = connector(options, tls, limit, face::limitReached, -1);
        server.addConnector(connector);
        Optional<ServerConnector> agents = agentChannel.map(
                channel -> connector(options, agentTls.or(() -> tls), limit, face::limitReached, AGENT_SELECTORS));
        agents.ifPresent(server::addConnector);
        ErrorPages pages = new ErrorPages(face);
        server.setErrorHandler(new JettyErrors(pages));
        this.listeners = new PortListeners(options.bind(), connector);
        AgentAddresses addresses = new AgentAddresses(trusted);
        this.reserved = new ReservedPaths(server, face, addresses, limit);
        this.proxy = new TunnelProxy(server, pages, activity, options, trusted, face::limitReached);
        ControlEndpoint control = new ControlEndpoint(server, face, pages, addresses, limit);
        AgentDoor door = new AgentDoor(
                agentChannel.isPresent() ? OptionalInt.of(agentPort()) : OptionalInt.empty(),
                agentTls.isPresent() && options.agentCertificatesRequired());
        this.handler = new EdgeHandler(port, face, pages, proxy, control, reserved, door);
        server.setHandler(handler);
        start(connector, agents, options);
        tls.ifPresent(t -> t.watch(server.getScheduler(), server.getThreadPool()));
        agentTls.ifPresent(t -> t.watch(server.getScheduler(), server.getThreadPool()));
        try {
            admin = options.admin().map(a -> admin(a, tls));
        } catch (RuntimeException x) {
            close();
            throw x;
        }
    }

    private Optional<ServerSocketChannel> bindForAgents(RelayOptions options) {
        if (options.agentPort().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    PortListeners.bind(options.bind(), options.agentPort().getAsInt()));
        } catch (TunnelException x) {
            IO.close(mainChannel);
            throw x;
        }
    }

    private AdminServer admin(AdminOptions options, Optional<EdgeTls> tls) {
        boolean loopback = new InetSocketAddress(options.bind(), 0).getAddress().isLoopbackAddress();
        return new AdminServer(
                options,
                () -> !handler.isDraining(),
                List.of(),
                tls.filter(t -> !loopback).map(t -> t::before));
    }

    private ServerConnector connector(
            RelayOptions options,
            Optional<EdgeTls> tls,
            ConnectionLimit limit,
            Consumer<Limit> reached,
            int selectors) {
        ConnectionFactory http = new HttpConnectionFactory(EdgeHttp.configuration());
        ConnectionFactory[] factories = tls.map(t -> new ConnectionFactory[] {t.before(http), http})
                .orElseGet(() -> new ConnectionFactory[] {http});
        VisitorClock.Times times = new VisitorClock.Times(
                options.timeouts().tlsHandshake(), options.timeouts().requestHead(), reached);
        ServerConnector connector = new TunnelConnector(server, 0, selectors, limit, Optional.of(times), factories);
        connector.setIdleTimeout(options.timeouts().idle().toMillis());
        return connector;
    }

    private void start(ServerConnector connector, Optional<ServerConnector> agents, RelayOptions options) {
        try {
            connector.open(mainChannel);
            if (agents.isPresent()) {
                agents.get().open(agentChannel.orElseThrow());
            }
            server.start();
            PortListeners.awaitRegistered(mainChannel);
            agentChannel.ifPresent(PortListeners::awaitRegistered);
        } catch (Exception x) {
            close();
            throw new TunnelException(
                    TunnelError.BIND_FAILED, "Cannot start the relay on " + options.bind() + ":" + port + ".", x);
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int agentPort() {
        return agentChannel.map(channel -> channel.socket().getLocalPort()).orElse(port);
    }

    @Override
    public Optional<URI> adminUri() {
        return admin.map(AdminServer::uri);
    }

    @Override
    public int openPort(int wanted) {
        return listeners.open(wanted);
    }

    @Override
    public void closePort(int port) {
        listeners.close(port);
    }

    /** The main port stays open until {@link #close}: agents may still have to bring a stream, and visitors get a 503 that says why. */
    @Override
    public boolean drain(Duration atMost) {
        handler.drain();
        listeners.closeAll();
        return activity.awaitNone(atMost);
    }

    @Override
    public Executor executor() {
        return server.getThreadPool();
    }

    @Override
    public <T> Optional<T> host(Class<T> type) {
        return type == JettyRelayHost.class ? Optional.of(type.cast(reserved)) : Optional.empty();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        handler.drain();
        listeners.closeAll();
        proxy.close();
        try {
            server.stop();
        } catch (Exception x) {
            LOG.warn("The relay on port {} did not stop cleanly", port, x);
        } finally {
            agentChannel.ifPresent(IO::close);
            IO.close(mainChannel); // where the server has not got as far as to own it
            reserved.stop();
            server.destroy();
            admin.ifPresent(AdminServer::close);
        }
    }
}
