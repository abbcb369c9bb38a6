package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.ConnectionInfo;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.internal.TransportCatalog;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A relay to which everything bad can happen: faults in its {@linkplain #streams streams}, faults in the {@linkplain #network network}
 * between it and its agents, and the end of the relay itself. What changes the state of a link returns after the agents
 * {@linkplain #attachTo attached} saw the change.
 *
 * <pre>{@code
 * try (FaultRelay relay = FaultRelay.start(TunnelRelay.builder())) {
 *     TunnelAgent.Builder options = TunnelAgent.builder();
 *     relay.attachTo(options);
 *     …
 *     relay.restart();      // same port, same names; every tunnel was away and is back
 *     relay.dropControl();  // the agents dialled again
 *     relay.streams().onNextRequest().truncate(100);
 *     relay.reset();        // before each test
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread; those that change the relay wait for each other.
 */
public final class FaultRelay implements TunnelRelay {
    private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

    private final TunnelRelay.Builder options;
    private final Duration patience; // long enough for silence to be noticed
    private final StreamFaults streams;
    private final FaultProxy network;
    private final Links links = new Links();
    private final URI uri;
    private final int port;

    private final Object turn = new Object(); // of those that change the relay; they block on purpose
    private volatile @Nullable TunnelRelay relay; // null while it is stopped; written with the turn
    private boolean closed; // guarded by turn

    private FaultRelay(TunnelRelay.Builder options, long seed) {
        this.options = options;
        streams = StreamFaults.create(seed);
        RelayOptions asked = options.options();
        TransportCatalog transports = TransportCatalog.load(asked.transports(), asked.providers());
        for (String name : transports.names()) {
            options.transport(streams.around(transports.get(name).orElseThrow()));
        }
        options.drainTimeout(Duration.ZERO);
        patience = Waiting.PATIENCE.plus(asked.pingInterval().multipliedBy(4));
        TunnelRelay first = options.start();
        relay = first;
        port = first.port();
        options.port(port);
        first.adminUri().ifPresent(admin -> options.admin(a -> a.port(admin.getPort())));
        URI own = first.uri();
        if (asked.agentPort().isPresent()) {
            options.agentPort(own.getPort());
        }
        try {
            network = FaultProxy.beforeRelay(new InetSocketAddress(hostOf(own), own.getPort()), seed);
        } catch (RuntimeException x) {
            first.close();
            throw x;
        }
        uri = URI.create(own.getScheme() + "://127.0.0.1:" + network.port());
    }

    private static String hostOf(URI own) {
        return own.getHost().replaceAll("[\\[\\]]", "");
    }

    /**
     * Starts a relay with these options and a random seed. The builder is taken over: the caller must not use it any more. Its drain time
     * becomes zero, so that a relay that ends resets what is open.
     *
     * @throws TunnelException as {@link TunnelRelay.Builder#start}
     */
    public static FaultRelay start(TunnelRelay.Builder options) {
        return start(options, ThreadLocalRandom.current().nextLong());
    }

    /** As {@link #start(TunnelRelay.Builder)}; the same seed makes the same choices in the same order of events. */
    public static FaultRelay start(TunnelRelay.Builder options, long seed) {
        return new FaultRelay(options, seed);
    }

    /** Has an agent that is to be built dial this relay, and has its links watched. */
    public void attachTo(TunnelAgent.Builder agent) {
        agent.relay(uri).listener(links);
    }

    /** Faults in the streams that it opens. */
    public StreamFaults streams() {
        return streams;
    }

    /** Faults under the connections between agents and it. Visitors do not come this way. */
    public FaultProxy network() {
        return network;
    }

    /** What chance depends on; errors name it. */
    public long seed() {
        return streams.seed();
    }

    /**
     * Ends the relay as if its process had been killed, and starts another one on the same port, with the same options. Returns when
     * every tunnel of the agents attached lost its link and has it back.
     *
     * @throws AssertionError if that does not happen in time
     */
    public void restart() {
        synchronized (turn) {
            stop();
            start();
        }
    }

    /** The first half of {@link #restart}: returns when every tunnel lost its link. Until {@link #start}, visitors are refused. */
    public void stop() {
        synchronized (turn) {
            TunnelRelay running = running();
            Links.Mark before = links.mark();
            Fault unreachable = network.onConnections().refuse();
            network.onConnections().reset(); // agents are told nothing by a relay that is killed
            running.close();
            relay = null;
            unreachable.close();
            links.awaitLost(before, patience, () -> "after the relay ended");
        }
    }

    /** The second half of {@link #restart}: returns when every tunnel has its link back. */
    public void start() {
        synchronized (turn) {
            if (closed || relay != null) {
                throw new IllegalStateException(this + " is " + (closed ? "closed." : "running already."));
            }
            relay = startAgain();
            links.awaitBack(patience, () -> "after the relay started again");
        }
    }

    /** On a busy machine somebody else may hold the port for a moment, such as a connection that the system gave it to. */
    private TunnelRelay startAgain() {
        long deadline = System.nanoTime() + Waiting.PATIENCE.toNanos();
        while (true) {
            try {
                return options.start();
            } catch (TunnelException x) {
                if (x.error() != TunnelError.BIND_FAILED || System.nanoTime() - deadline >= 0) {
                    throw x;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /**
     * Resets the control channels. Returns when every tunnel lost its link and has it back.
     *
     * @throws IllegalStateException if no tunnel of an agent attached is open
     * @throws AssertionError if that does not happen in time
     */
    public void dropControl() {
        synchronized (turn) {
            running();
            Links.Mark before = markOpen();
            network.onControl().reset();
            links.awaitLostAndBack(before, patience, () -> "after its control channel was reset");
        }
    }

    /**
     * Has the control channels that are open now go silent, as if a cable had been pulled ({@link FaultScope#halfOpen}). Returns when every
     * tunnel lost its link and has it back. That takes as long as silence takes to be noticed: three times
     * {@link TunnelRelay.Builder#pingInterval}, which tests set to a fraction of a second.
     *
     * @throws IllegalStateException if no tunnel of an agent attached is open
     * @throws AssertionError if that does not happen in time
     */
    public void silenceControl() {
        synchronized (turn) {
            running();
            Links.Mark before = markOpen();
            Fault silent = network.onOpenControl().halfOpen();
            try {
                links.awaitLostAndBack(before, patience, () -> "after its control channel went silent");
            } finally {
                silent.close();
            }
        }
    }

    private Links.Mark markOpen() {
        Links.Mark mark = links.mark();
        if (mark.isEmpty()) {
            throw new IllegalStateException(
                    "No tunnel is open whose link could be lost: have attachTo(…) its agent's builder.");
        }
        return mark;
    }

    /**
     * Lifts every fault, starts the relay if it is stopped, and waits until every tunnel has its link. What faults broke stays broken:
     * streams that were cut or lost bytes are over.
     *
     * @throws AssertionError if a link does not come back in time
     */
    public void reset() {
        synchronized (turn) {
            streams.reset();
            Links.Mark before = links.mark();
            boolean cut = network.mend();
            if (relay == null) {
                start();
            } else if (cut) {
                links.awaitLost(before, patience, () -> "after the faults were lifted");
            }
            links.awaitBack(patience, () -> "after the faults were lifted");
        }
    }

    private TunnelRelay running() {
        TunnelRelay now = relay;
        if (now == null) {
            throw new IllegalStateException(this + " is not running.");
        }
        return now;
    }

    /** The address for agents, which leads through the {@link #network}. */
    @Override
    public URI uri() {
        return uri;
    }

    /** The port that the edge listens on: the visitors' way, with no network of this class between. */
    @Override
    public int port() {
        return port;
    }

    @Override
    public Optional<URI> adminUri() {
        TunnelRelay now = relay;
        return now == null ? Optional.empty() : now.adminUri();
    }

    @Override
    public List<ConnectionInfo> connections() {
        TunnelRelay now = relay;
        return now == null ? List.of() : now.connections();
    }

    @Override
    public Map<String, URI> tunnels() {
        TunnelRelay now = relay;
        return now == null ? Map.of() : now.tunnels();
    }

    /** Ends the relay and the network before it. Idempotent. */
    @Override
    public void close() {
        synchronized (turn) {
            if (!closed) {
                closed = true;
                TunnelRelay now = relay;
                relay = null;
                if (now != null) {
                    now.close();
                }
                network.close();
            }
        }
    }

    @Override
    public String toString() {
        return "FaultRelay[port " + port + ", " + network + "]";
    }
}
