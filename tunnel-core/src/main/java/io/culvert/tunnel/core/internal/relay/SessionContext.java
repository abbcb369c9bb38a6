package io.culvert.tunnel.core.internal.relay;

import io.culvert.tunnel.Limit;
import io.culvert.tunnel.RelayLimits;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.core.internal.CreditBudget;
import io.culvert.tunnel.core.internal.GatedChannel;
import io.culvert.tunnel.core.internal.Ids;
import io.culvert.tunnel.core.internal.StrayGuard;
import io.culvert.tunnel.core.internal.Wire;
import io.culvert.tunnel.core.net.RelayNetwork.Edge;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.RelayContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;

/** What the relay's half of a transport is given in one session. */
final class SessionContext implements RelayContext {
    private final String session;
    private final String dataSecret = Ids.secret();
    private final RelayParts parts;
    private final Edge edge;
    private final GatedChannel channel;
    private final int sendCredit;
    private final CreditBudget budget;
    private final StrayGuard strays;
    private final BiConsumer<Integer, String> onBreach;

    /**
     * The context of one session.
     *
     * @param onBreach takes a close code and a reason when the agent broke a rule
     */
    SessionContext(
            String session,
            RelayParts parts,
            Edge edge,
            GatedChannel channel,
            int sendCredit,
            BiConsumer<Integer, String> onBreach) {
        this.session = session;
        this.parts = parts;
        this.edge = edge;
        this.channel = channel;
        this.sendCredit = sendCredit;
        this.budget = parts.budget().part(options().limits().queuedBytesPerSession(), () -> parts.metrics()
                .limitReached(Limit.QUEUED_BYTES_PER_SESSION));
        this.strays = new StrayGuard(parts.timing().nanoTime());
        this.onBreach = onBreach;
    }

    private RelayOptions options() {
        return parts.options();
    }

    @Override
    public String session() {
        return session;
    }

    @Override
    public String dataSecret() {
        return dataSecret;
    }

    @Override
    public String newStreamId() {
        String id = Ids.id();
        strays.known(id);
        return id;
    }

    @Override
    public int slots() {
        return options().slots();
    }

    @Override
    public int slotsAtMost() {
        return options().slotsAtMost();
    }

    @Override
    public ControlChannel control() {
        return channel;
    }

    @Override
    public Executor executor() {
        return edge.executor();
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return parts.timing().scheduler();
    }

    @Override
    public Duration openTimeout() {
        return options().timeouts().open();
    }

    @Override
    public int receiveCredit() {
        RelayLimits limits = options().limits();
        return (int) Math.min(parts.budget().initialCredit(limits.credit()), limits.queuedBytesPerSession());
    }

    @Override
    public int sendCredit() {
        return sendCredit;
    }

    @Override
    public boolean reserveCredit(int bytes) {
        return budget.reserve(bytes);
    }

    @Override
    public int extendCredit(int credit) {
        return budget.extend(credit, options().limits().credit());
    }

    @Override
    public void releaseCredit(int bytes) {
        budget.release(bytes);
    }

    @Override
    public void creditExceeded(String streamId) {
        parts.metrics().limitReached(Limit.CREDIT);
    }

    @Override
    public void strayMessage(String streamId) {
        if (strays.stray(streamId)) {
            onBreach.accept(Wire.POLICY, "The agent keeps naming streams that never were.");
        }
    }

    @Override
    public void protocolError(String reason) {
        onBreach.accept(Wire.PROTOCOL_ERROR, reason);
    }

    @Override
    public <T> Optional<T> host(Class<T> type) {
        return edge.host(type);
    }
}
