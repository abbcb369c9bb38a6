package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Both halves of a transport in one session, with a control channel in memory between them and a {@link ScriptedAcceptor} in the
 * local service's place. {@link #close} checks that nothing is left.
 */
public final class TransportPair implements AutoCloseable {
    /** The tunnel that every stream is for. */
    public static final String TUNNEL = "contract";

    private static final byte[] PREFACE = {'p'};

    private final Set<Thread> threadsBefore = Threads.alive();
    private final ExecutorService executor;
    private final ScheduledExecutorService scheduler;
    private final ControlLink link;
    private final PairContext relayContext;
    private final PairContext agentContext;
    private final RelayTransport relay;
    private final AgentTransport agent;
    private final ScriptedAcceptor acceptor = new ScriptedAcceptor();
    private final List<StreamProbe> probes = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> resources;
    private final Duration patience;
    private boolean straysExpected;

    private TransportPair(Builder options) {
        ThreadFactory threads = threads();
        executor = Executors.newCachedThreadPool(threads);
        scheduler = Executors.newSingleThreadScheduledExecutor(threads);
        link = new ControlLink(executor, threads);
        resources = List.copyOf(options.resources);
        patience = options.patience;
        relayContext =
                new PairContext(options, link.relay.queue, executor, scheduler, options.relayHosts, Map.of(), acceptor);
        relay = options.provider.relayHalf(relayContext);
        agentContext = new PairContext(
                options, link.agent.queue, executor, scheduler, options.agentHosts, relay.parameters(), acceptor);
        agent = options.provider.agentHalf(agentContext);
        link.relay.receiver(relay);
        link.agent.receiver(agent);
        link.connect();
        relay.onRegistered();
    }

    private static ThreadFactory threads() {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "transport-pair-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Begins a pair of the provider's halves. */
    public static Builder of(TransportProvider provider) {
        return new Builder(provider);
    }

    /** The relay's half. */
    public RelayTransport relay() {
        return relay;
    }

    /** The agent's half. */
    public AgentTransport agent() {
        return agent;
    }

    /** The local services. */
    public ScriptedAcceptor acceptor() {
        return acceptor;
    }

    /** Where the relay's half sends: what is sent here reaches the agent's half. */
    public ControlChannel relayControl() {
        return link.relay.queue;
    }

    /** Where the agent's half sends: what is sent here reaches the relay's half. */
    public ControlChannel agentControl() {
        return link.agent.queue;
    }

    /** Sets how long opening may take, for both halves. */
    public void openTimeout(Duration timeout) {
        relayContext.openTimeout = timeout;
        agentContext.openTimeout = timeout;
    }

    /** Sets how many bytes of credit there are for all streams together, on each side. */
    public void creditBudget(int relayBytes, int agentBytes) {
        relayContext.creditBudget = relayBytes;
        agentContext.creditBudget = agentBytes;
    }

    /** Opens a stream and gives it to a probe. */
    public StreamProbe open(StreamKind kind) {
        return probe(StreamProbe.await(relay.open(kind, TUNNEL)));
    }

    /** A probe of a stream whose end this pair checks. */
    public StreamProbe probe(DataStream stream) {
        StreamProbe probe = new StreamProbe(stream);
        probes.add(probe);
        return probe;
    }

    /** The local service's end of the next stream. */
    public StreamProbe nextLocal() {
        return probe(acceptor.next().stream());
    }

    /** Opens a stream and sends a byte through it, so that both ends exist and nothing is under way. */
    public Ends connect(StreamKind kind) {
        StreamProbe visitor = open(kind);
        visitor.write(PREFACE);
        StreamProbe local = probe(acceptor.next(visitor.stream().id()).stream());
        local.readBytes(PREFACE.length);
        return new Ends(visitor, local);
    }

    /**
     * The two ends of a stream.
     *
     * @param visitor the relay's end
     * @param local the agent's end
     */
    public record Ends(StreamProbe visitor, StreamProbe local) {}

    /** Cuts the control channel and tells both halves. */
    public void loseControl() {
        link.lose();
    }

    /** Connects the control channel again and tells both halves. */
    public void restoreControl() {
        link.restore();
    }

    /** The ids of messages for streams that were not open, on both sides. After this call they are no failure. */
    public List<String> strays() {
        straysExpected = true;
        List<String> all = new ArrayList<>(relayContext.strays);
        all.addAll(agentContext.strays);
        return all;
    }

    /** Waits until no stream holds credit any more. */
    public void awaitNoStreams() {
        Await.until(
                patience,
                () -> relayContext.reserved.get() == 0 && agentContext.reserved.get() == 0,
                () -> "Credit is still reserved: relay " + relayContext.reserved + ", agent " + agentContext.reserved);
    }

    /** Closes both halves, then everything else, and checks that nothing is left: no stream, credit, turn, thread. */
    @Override
    public void close() {
        try {
            agent.close();
            relay.close();
            for (StreamProbe probe : probes) {
                Await.until(
                        patience,
                        probe.closed()::isDone,
                        () -> "Stream " + probe.stream().id() + " is still open after its transport was closed.");
            }
            awaitNoStreams();
            Await.until(
                    patience,
                    () -> link.relay.queue.queued() + link.agent.queue.queued() == 0,
                    () -> "Turns wait on the control channel although both halves are closed.");
        } finally {
            link.close();
            executor.shutdownNow();
            scheduler.shutdownNow();
            resources.forEach(TransportPair::close);
        }
        Await.until(
                patience,
                () -> Threads.since(threadsBefore).isEmpty(),
                () -> "Threads are left: " + Threads.since(threadsBefore));
        assertAll(
                () -> assertEquals(List.of(), link.failures(), "failures on the control channel"),
                () -> assertEquals(List.of(), relayContext.protocolErrors, "protocol errors that the relay reported"),
                () -> assertEquals(List.of(), agentContext.protocolErrors, "protocol errors that the agent reported"),
                () -> assertTrue(straysExpected || strays().isEmpty(), "messages for streams that were not open"),
                () -> probes.forEach(probe -> assertEquals(1, probe.closings(), "how often an end was told")));
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError("What the pair ran on could not be closed: " + resource, e);
        }
    }

    /** What a pair is made of. */
    public static final class Builder {
        final TransportProvider provider;
        final Map<Class<?>, Object> relayHosts = new HashMap<>();
        final Map<Class<?>, Object> agentHosts = new HashMap<>();
        final List<AutoCloseable> resources = new ArrayList<>();
        final String session = PairContext.randomHex();
        final String dataSecret = PairContext.randomHex();
        URI relay = URI.create("ws://127.0.0.1:1");
        int slots;
        Duration patience = Await.PATIENCE;

        private Builder(TransportProvider provider) {
            this.provider = provider;
        }

        /** What {@link io.culvert.tunnel.spi.TransportContext#host} gives the relay's half. */
        public <T> Builder relayHost(Class<T> type, T host) {
            relayHosts.put(type, host);
            return this;
        }

        /** What {@link io.culvert.tunnel.spi.TransportContext#host} gives the agent's half. */
        public <T> Builder agentHost(Class<T> type, T host) {
            agentHosts.put(type, host);
            return this;
        }

        /** Where the agent's half finds the relay. */
        public Builder relayAddress(URI address) {
            relay = address;
            return this;
        }

        /** How many connections the relay wants ready; 0 at first. */
        public Builder slots(int count) {
            slots = count;
            return this;
        }

        /** Something to close after both halves, such as the server below them; in the order of calls. */
        public Builder closeAfter(AutoCloseable resource) {
            resources.add(resource);
            return this;
        }

        /** Makes both halves and connects them. */
        public TransportPair build() {
            return new TransportPair(this);
        }
    }
}
