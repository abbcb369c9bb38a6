package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * Faults in a relay's streams, whatever transport carries them. A relay gets the transport {@linkplain #around(String) wrapped}; the agent
 * needs to know nothing. All methods may be called from any thread.
 *
 * <pre>{@code
 * StreamFaults faults = StreamFaults.create();
 * TunnelRelay relay = TunnelRelay.builder().transport(faults.around("tcp")).transports("tcp").start();
 * …
 * faults.onRequests(head -> head.path().equals("/slow")).latency(Duration.ofSeconds(2));
 * faults.onNextRequest().truncate(100);
 * faults.onStreams().stall();
 * faults.reset();
 * }</pre>
 */
public final class StreamFaults {
    private final Rules rules;
    private final Set<FaultStream> streams = ConcurrentHashMap.newKeySet();

    private StreamFaults(Rules rules) {
        this.rules = rules;
    }

    /** None at first, and a random seed. */
    public static StreamFaults create() {
        return create(ThreadLocalRandom.current().nextLong());
    }

    /** None at first. The same seed makes the same choices in the same order of events. */
    public static StreamFaults create(long seed) {
        return new StreamFaults(new Rules(seed));
    }

    /** What chance depends on; errors of this class name it. */
    public long seed() {
        return rules.seed();
    }

    /**
     * A transport with these faults, for {@link io.culvert.tunnel.TunnelRelay.Builder#transport}.
     *
     * @param transport the name of one that is found, such as {@code tcp}
     * @throws io.culvert.tunnel.TunnelException {@code MISSING_ARTIFACT} or {@code BAD_CONFIGURATION} if there is none, with what to do
     */
    public TransportProvider around(String transport) {
        return around(TransportCatalog.find(transport));
    }

    /** A transport with these faults. It has the same name, and an agent may have it with or without them. */
    public TransportProvider around(TransportProvider transport) {
        return new Faulty(transport);
    }

    /** Every stream, now and later. */
    public FaultScope onStreams() {
        return streams("every stream", any -> true);
    }

    /** The streams of one tunnel, now and later. */
    public FaultScope onStreams(String tunnel) {
        return streams(
                "streams of tunnel " + tunnel, subject -> subject.tunnel().equals(tunnel));
    }

    /** One stream, by its id as {@link io.culvert.tunnel.ConnectionInfo#id} has it. */
    public FaultScope onStream(String id) {
        return streams("stream " + id, subject -> subject.id().equals(id));
    }

    /** Streams for plain HTTP, or for upgrades. */
    public FaultScope onStreams(StreamKind kind) {
        return streams(kind + " streams", subject -> subject.streamKind() == kind);
    }

    /**
     * Requests that begin from now on and that the predicate takes.
     *
     * @param which must not block
     */
    public FaultScope onRequests(Predicate<RequestHead> which) {
        return requests("certain requests", which);
    }

    /** The next request that begins. */
    public FaultScope onNextRequest() {
        return requests("the next request", any -> true).times(1);
    }

    /** The next request that begins and that the predicate takes. */
    public FaultScope onNextRequest(Predicate<RequestHead> which) {
        return requests("the next certain request", which).times(1);
    }

    /** Lifts every fault. */
    public void reset() {
        rules.reset();
    }

    private FaultScope streams(String where, Predicate<Subject> which) {
        return new Scope(rules, Subject.Level.STREAM, where, which, this::cutNow);
    }

    private FaultScope requests(String where, Predicate<RequestHead> which) {
        return new Scope(
                rules,
                Subject.Level.REQUEST,
                where,
                subject -> subject.head() != null && which.test(subject.head()),
                rule -> rules.add(rule));
    }

    private void cutNow(Rule rule) {
        for (FaultStream stream : streams) {
            if (rule.claim(stream.subject())) {
                stream.cut(TunnelError.RESET, rule);
                Waiting.until(stream.over(), () -> stream + " did not end; " + rules.describe());
            }
        }
    }

    @Override
    public String toString() {
        return "StreamFaults[" + rules.describe() + "]";
    }

    private final class Faulty implements TransportProvider {
        private final TransportProvider transport;

        Faulty(TransportProvider transport) {
            this.transport = transport;
        }

        @Override
        public String name() {
            return transport.name();
        }

        @Override
        public int preference() {
            return transport.preference();
        }

        @Override
        public RelayTransport relayHalf(RelayContext context) {
            return new FaultRelayTransport(transport.relayHalf(context), rules, context.scheduler(), streams);
        }

        @Override
        public AgentTransport agentHalf(AgentContext context) {
            return transport.agentHalf(context);
        }
    }
}
