package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.core.internal.CreditBudget;
import io.culvert.tunnel.core.internal.GatedChannel;
import io.culvert.tunnel.core.internal.StrayGuard;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.message.TunnelMessage.Registered;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.StreamAcceptor;
import io.culvert.tunnel.spi.TransportProvider;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One session as the agent sees it: the agent's half of the transport, and what it is given. */
final class AgentSession implements AgentContext {
    /** How long a data connection to the relay may take. */
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);

    private final AgentParts parts;
    private final Registered registered;
    private final GatedChannel channel;
    private final StrayGuard strays;
    private final StreamAcceptor acceptor;
    private final BiConsumer<Integer, String> onBreach;
    private final AgentTransport transport;

    /**
     * A session that the relay just began; its channel is shut.
     *
     * @param tunnels finds a tunnel by its granted name
     * @param onBreach takes a close code and a reason when the relay broke a rule
     */
    AgentSession(
            AgentParts parts,
            Registered registered,
            TransportProvider provider,
            ControlChannel queue,
            Function<String, @Nullable AgentTunnel> tunnels,
            BiConsumer<Integer, String> onBreach) {
        this.parts = parts;
        this.registered = registered;
        this.channel = new GatedChannel(queue);
        this.strays = new StrayGuard(parts.timing().nanoTime());
        this.acceptor = new LocalAcceptor(parts, registered.transport(), tunnels, strays);
        this.onBreach = onBreach;
        this.transport = provider.agentHalf(this);
    }

    GatedChannel channel() {
        return channel;
    }

    AgentTransport transport() {
        return transport;
    }

    String transportName() {
        return registered.transport();
    }

    /** Whether a registration goes on with this session. */
    boolean isResumedBy(Registered again) {
        return again.session().equals(registered.session())
                && again.transport().equals(registered.transport())
                && again.dataSecret().equals(registered.dataSecret());
    }

    /** Resets the session's streams. */
    void close() {
        channel.shut();
        try {
            transport.close();
        } catch (RuntimeException x) {
            LOG.error("Transport {} failed to close", transportName(), x);
        }
    }

    @Override
    public String session() {
        return registered.session();
    }

    @Override
    public String dataSecret() {
        return registered.dataSecret();
    }

    @Override
    public Map<String, String> parameters() {
        return registered.parameters();
    }

    @Override
    public URI relay() {
        return parts.config().relay();
    }

    @Override
    public StreamAcceptor acceptor() {
        return acceptor;
    }

    @Override
    public ControlChannel control() {
        return channel;
    }

    @Override
    public Executor executor() {
        return parts.network().executor();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return parts.timing().scheduler();
    }

    @Override
    public Duration openTimeout() {
        return OPEN_TIMEOUT;
    }

    @Override
    public int receiveCredit() {
        return CreditBudget.PROCESS.initialCredit(parts.options().credit());
    }

    @Override
    public int sendCredit() {
        return registered.limits().credit();
    }

    @Override
    public boolean reserveCredit(int bytes) {
        return CreditBudget.PROCESS.reserve(bytes);
    }

    @Override
    public int extendCredit(int credit) {
        return CreditBudget.PROCESS.extend(credit, parts.options().credit());
    }

    @Override
    public void releaseCredit(int bytes) {
        CreditBudget.PROCESS.release(bytes);
    }

    @Override
    public void strayMessage(String streamId) {
        if (strays.stray(streamId)) {
            onBreach.accept(Wire.POLICY, "The relay keeps naming streams that never were.");
        }
    }

    @Override
    public void protocolError(String reason) {
        onBreach.accept(Wire.PROTOCOL_ERROR, reason);
    }

    @Override
    public <T> Optional<T> host(Class<T> type) {
        return parts.network().host(type);
    }
}
