package io.culvert.tunnel.jetty.internal.io;

import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener whose connections are {@link TunnelEndPoint}s. */
public final class TunnelConnector extends ServerConnector {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelConnector.class);

    private final ConnectionLimit limit;
    private final Optional<VisitorClock.Times> times;
    private final boolean tls;
    private final LingeringClose lingering = new LingeringClose();

    /** What came in and is not known to be closed. What comes while the connector stops has nobody else who closes it. */
    private final Set<SocketChannel> accepted = ConcurrentHashMap.newKeySet();

    private volatile boolean stopped;

    /** A listener on the server's own executor, scheduler and buffer pool, for any number of connections. */
    public TunnelConnector(Server server, int acceptors, int selectors, ConnectionFactory... factories) {
        this(server, acceptors, selectors, ConnectionLimit.NONE, Optional.empty(), factories);
    }

    /** A listener for so many connections, whose phases may take so long. */
    public TunnelConnector(
            Server server,
            int acceptors,
            int selectors,
            ConnectionLimit limit,
            Optional<VisitorClock.Times> times,
            ConnectionFactory... factories) {
        super(server, acceptors, selectors, factories);
        this.limit = limit;
        this.times = times;
        this.tls = factories[0] instanceof SslConnectionFactory;
        if (tls && times.isPresent()) {
            addBean(new SslHandshakeListener() {
                @Override
                public void handshakeSucceeded(Event event) {
                    Resets.raw(event.getEndPoint())
                            .flatMap(TunnelEndPoint::clock)
                            .ifPresent(VisitorClock::secured);
                }
            });
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        times.ifPresent(this::lookLater);
    }

    @Override
    protected void doStop() throws Exception {
        try {
            super.doStop();
            lingering.stop();
        } finally {
            stopped = true;
            accepted.forEach(IO::close);
            accepted.clear();
        }
    }

    @Override
    protected void configure(Socket socket) {
        super.configure(socket);
        SocketChannel channel = socket.getChannel();
        accepted.add(channel);
        if (stopped) {
            IO.close(channel);
        }
    }

    private void lookLater(VisitorClock.Times limits) {
        try {
            getScheduler().schedule(() -> look(limits), limits.lookMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException x) {
            LOG.debug("No more looks at clocks: the server stops", x);
        }
    }

    /** Closes the connections whose time is over. */
    private void look(VisitorClock.Times limits) {
        for (EndPoint endPoint : getConnectedEndPoints()) {
            if (endPoint instanceof TunnelEndPoint raw
                    && raw.clock().filter(VisitorClock::isOver).isPresent()) {
                LOG.debug("Time is over for {}", raw);
                close(raw);
            }
        }
        accepted.removeIf(channel -> !channel.isOpen()); // also those that were gone before they became an EndPoint
        if (isRunning()) {
            lookLater(limits);
        }
    }

    /** Not on the scheduler's thread: whoever waits for the connection is told. */
    private void close(EndPoint endPoint) {
        try {
            getExecutor().execute(endPoint::close);
        } catch (RejectedExecutionException x) {
            endPoint.close();
        }
    }

    @Override
    protected void onEndPointOpened(EndPoint endPoint) {
        super.onEndPointOpened(endPoint);
        if (!limit.enter(endPoint)) {
            endPoint.close();
        }
    }

    @Override
    protected void onEndPointClosed(EndPoint endPoint) {
        limit.leave(endPoint);
        if (endPoint instanceof TunnelEndPoint raw) {
            accepted.remove(raw.getChannel());
        }
        super.onEndPointClosed(endPoint);
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        VisitorClock clock = times.map(t -> new VisitorClock(t, tls)).orElse(null);
        TunnelEndPoint endPoint = new TunnelEndPoint(channel, selector, key, getScheduler(), clock, lingering);
        endPoint.setIdleTimeout(getIdleTimeout());
        return endPoint;
    }

    @Override
    protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
        SelectorLoops loops = new SelectorLoops();
        return new ServerConnectorManager(executor, scheduler, selectors) {
            @Override
            protected ManagedSelector newSelector(int id) {
                return loops.add(this, id);
            }

            @Override
            protected void execute(Runnable task) {
                if (!loops.runSoon(task)) {
                    super.execute(task);
                }
            }
        };
    }
}
