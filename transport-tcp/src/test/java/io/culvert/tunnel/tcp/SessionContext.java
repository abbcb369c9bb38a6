package io.culvert.tunnel.tcp;

import io.culvert.tunnel.jetty.JettyAgentHost;
import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.StreamAcceptor;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What one half is given, with a peer that is the test. */
final class SessionContext implements RelayContext, AgentContext, ControlChannel {
    static final String SECRET = "0123456789abcdef0123456789abcdef";
    static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

    final ManualScheduler time = new ManualScheduler();
    final List<String> strays = new CopyOnWriteArrayList<>();
    final List<String> protocolErrors = new CopyOnWriteArrayList<>();
    int slots;
    int slotsAtMost;

    /** The id of the next stream; a random one if there is none. */
    @Nullable
    String nextId;

    /** What happens just when the next stream gets its id. */
    Runnable whenNamed = () -> {};

    StreamAcceptor acceptor = request -> {
        throw new UnsupportedOperationException();
    };
    private final BlockingQueue<TunnelMessage> sent = new LinkedBlockingQueue<>();
    private final URI relay;
    private final @Nullable JettyRelayHost relayHost;
    private final @Nullable JettyAgentHost agentHost;

    SessionContext(URI relay, @Nullable JettyRelayHost relayHost, @Nullable JettyAgentHost agentHost) {
        this.relay = relay;
        this.relayHost = relayHost;
        this.agentHost = agentHost;
    }

    /** The next message to the peer; waits for it. */
    <M extends TunnelMessage> M sent(Class<M> type) throws InterruptedException {
        TunnelMessage next = sent.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message was sent");
        }
        return type.cast(next);
    }

    boolean nothingSent() {
        return sent.isEmpty();
    }

    static String id() {
        byte[] bits = new byte[16];
        ThreadLocalRandom.current().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    @Override
    public void send(TunnelMessage message) {
        sent.add(message);
    }

    @Override
    public void requestTurn(Turn turn) {
        throw new AssertionError("no data goes over the control channel");
    }

    @Override
    public String newStreamId() {
        whenNamed.run();
        return nextId == null ? id() : nextId;
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int slotsAtMost() {
        return slotsAtMost;
    }

    @Override
    public URI relay() {
        return relay;
    }

    @Override
    public Map<String, String> parameters() {
        return Map.of();
    }

    @Override
    public StreamAcceptor acceptor() {
        return acceptor;
    }

    @Override
    public String session() {
        return "session";
    }

    @Override
    public String dataSecret() {
        return SECRET;
    }

    @Override
    public ControlChannel control() {
        return this;
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return time.service();
    }

    @Override
    public Duration openTimeout() {
        return OPEN_TIMEOUT;
    }

    @Override
    public int receiveCredit() {
        return 0;
    }

    @Override
    public int sendCredit() {
        return 0;
    }

    @Override
    public boolean reserveCredit(int bytes) {
        return true;
    }

    @Override
    public void releaseCredit(int bytes) {}

    @Override
    public void strayMessage(String streamId) {
        strays.add(streamId);
    }

    @Override
    public void protocolError(String reason) {
        protocolErrors.add(reason);
    }

    @Override
    public <T> Optional<T> host(Class<T> type) {
        Object host = type == JettyRelayHost.class ? relayHost : type == JettyAgentHost.class ? agentHost : null;
        return Optional.ofNullable(host).map(type::cast);
    }
}
