package io.culvert.tunnel.testkit;

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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** What one half of a pair is given, and what it did with it. */
final class PairContext implements RelayContext, AgentContext {
    /** Credit for a stream unless the test says otherwise. */
    static final int CREDIT = 256 * 1024;

    final AtomicInteger reserved = new AtomicInteger();
    final List<String> strays = new CopyOnWriteArrayList<>();
    final List<String> protocolErrors = new CopyOnWriteArrayList<>();
    volatile int creditBudget = Integer.MAX_VALUE;
    volatile Duration openTimeout = Duration.ofSeconds(10);

    private final TransportPair.Builder options;
    private final ControlChannel control;
    private final Executor executor;
    private final ScheduledExecutorService scheduler;
    private final Map<Class<?>, Object> hosts;
    private final Map<String, String> parameters;
    private final StreamAcceptor acceptor;

    PairContext(
            TransportPair.Builder options,
            ControlChannel control,
            Executor executor,
            ScheduledExecutorService scheduler,
            Map<Class<?>, Object> hosts,
            Map<String, String> parameters,
            StreamAcceptor acceptor) {
        this.options = options;
        this.control = control;
        this.executor = executor;
        this.scheduler = scheduler;
        this.hosts = Map.copyOf(hosts);
        this.parameters = Map.copyOf(parameters);
        this.acceptor = acceptor;
    }

    static String randomHex() {
        byte[] bits = new byte[16];
        ThreadLocalRandom.current().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    @Override
    public String newStreamId() {
        return randomHex();
    }

    @Override
    public int slots() {
        return options.slots;
    }

    @Override
    public int slotsAtMost() {
        return slots();
    }

    @Override
    public URI relay() {
        return options.relay;
    }

    @Override
    public Map<String, String> parameters() {
        return parameters;
    }

    @Override
    public StreamAcceptor acceptor() {
        return acceptor;
    }

    @Override
    public String session() {
        return options.session;
    }

    @Override
    public String dataSecret() {
        return options.dataSecret;
    }

    @Override
    public ControlChannel control() {
        return control;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public ScheduledExecutorService scheduler() {
        return scheduler;
    }

    @Override
    public Duration openTimeout() {
        return openTimeout;
    }

    @Override
    public int receiveCredit() {
        return CREDIT;
    }

    @Override
    public int sendCredit() {
        return CREDIT;
    }

    @Override
    public boolean reserveCredit(int bytes) {
        int before = reserved.getAndUpdate(now -> bytes <= creditBudget - now ? now + bytes : now);
        return bytes <= creditBudget - before;
    }

    @Override
    public void releaseCredit(int bytes) {
        reserved.addAndGet(-bytes);
    }

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
        return Optional.ofNullable(hosts.get(type)).map(type::cast);
    }
}
