package io.culvert.tunnel.core.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.core.CreditLeft;
import io.culvert.tunnel.core.FuzzedCarrier;
import io.culvert.tunnel.core.ManualScheduler;
import io.culvert.tunnel.core.MetricsLog;
import io.culvert.tunnel.core.MultiplexerTransportProvider;
import io.culvert.tunnel.core.StepExecutor;
import io.culvert.tunnel.core.internal.SafeMetrics;
import io.culvert.tunnel.core.internal.StreamBooks;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.internal.TransportCatalog;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.AgentNetwork;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.Expose;
import io.culvert.tunnel.message.TunnelMessage.Register;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * An agent's link whose relay and local services do as they like, step by step on one thread. It checks what must hold whatever they do:
 * the agent dials only what it was told to expose, and nothing is left when it has ended.
 */
final class FuzzedLink implements AgentNetwork {
    private static final int MOST_AT_ONCE = 8;
    private static final int FIRST_PORT = 3000;
    private static final Duration LONGER_THAN_ANYTHING = Duration.ofHours(2);

    final StepExecutor tasks = new StepExecutor();
    final ManualScheduler clock = new ManualScheduler();

    /** The newest control channel. */
    FuzzedCarrier carrier;

    /** Labels of the wishes that the relay heard. */
    final List<String> refs = new ArrayList<>();

    final List<AgentTunnel> tunnels = new ArrayList<>();
    final List<CompletableFuture<MeteredConnection>> dials = new ArrayList<>();
    final List<Service> services = new ArrayList<>();

    private final MetricsLog metrics = new MetricsLog();
    private final int credit = CreditLeft.now();
    private final List<Integer> exposed = new ArrayList<>();
    private final List<FuzzedCarrier> carriers = new ArrayList<>();
    private final Link link;

    /** A connection to a local service. */
    static final class Service implements MeteredConnection {
        DataStream stream;
        boolean writing;
        private int uses;
        private StreamMeter meter;

        @Override
        public void join(DataStream joined, StreamMeter counts) {
            assertThat(++uses).as("joined or abandoned, once").isEqualTo(1);
            stream = joined;
            meter = counts;
        }

        @Override
        public void abandon(Throwable cause) {
            assertThat(++uses).as("joined or abandoned, once").isEqualTo(1);
        }

        void write(int count) {
            if (stream != null && !writing) {
                writing = true;
                stream.write(ByteBuffer.allocate(count), new Completion() {
                    @Override
                    public void succeeded() {
                        done();
                    }

                    @Override
                    public void failed(Throwable cause) {
                        done();
                    }
                });
            }
        }

        private void done() {
            assertThat(writing).as("one completion a write").isTrue();
            writing = false;
        }

        void read() {
            if (stream != null) {
                try {
                    meter.bytes(Direction.UP, stream.read(ByteBuffer.allocate(4096)));
                } catch (IOException x) {
                    return; // reset by either side
                }
            }
        }

        void end() {
            if (stream != null && !writing) {
                stream.end();
            }
        }

        void reset() {
            if (stream != null) {
                stream.reset(new IOException("the service went away"));
            }
        }
    }

    FuzzedLink() {
        TunnelAgent.Builder options = TunnelAgent.builder()
                .transports(MultiplexerTransportProvider.NAME)
                .drainTimeout(Duration.ofSeconds(1));
        Timing timing = new Timing(clock, clock::nanoTime);
        SafeMetrics safe = new SafeMetrics(metrics);
        link = new Link(
                new AgentParts(
                        options.options(),
                        new AgentConfig(URI.create("ws://relay.test"), Optional.empty()),
                        TransportCatalog.load(options.options().transports(), List.of()),
                        timing,
                        this,
                        safe,
                        new StreamBooks(safe, timing.nanoTime()),
                        new MessageCodec(),
                        Optional.empty()),
                new Random(1));
        expose();
        tasks.runAll();
    }

    void expose() {
        if (tunnels.size() < MOST_AT_ONCE) {
            int port = FIRST_PORT + tunnels.size();
            exposed.add(port);
            tunnels.add(link.expose(TunnelSpec.builder(port).name("shop" + port).build()));
        }
    }

    /** As {@link AgentTunnel#close()} does, without waiting. */
    void close(AgentTunnel tunnel) {
        tunnel.drain(Duration.ofSeconds(1), null);
        link.withdraw(tunnel);
    }

    void drain() {
        link.drain(Duration.ofSeconds(1));
    }

    private void heard(TunnelMessage message) {
        if (message instanceof Register register) {
            register.tunnels().forEach(wish -> refs.add(wish.ref()));
        } else if (message instanceof Expose expose) {
            refs.add(expose.tunnel().ref());
        }
    }

    @Override
    public CompletableFuture<Carrier> connect(
            URI relay, Optional<String> token, Function<Carrier, Carrier.Listener> listener) {
        FuzzedCarrier made = new FuzzedCarrier(tasks, this::heard);
        carriers.removeIf(FuzzedCarrier::isClosed);
        assertThat(carriers).as("one control channel at a time").isEmpty();
        carriers.add(made);
        carrier = made;
        made.listen(listener.apply(made));
        return CompletableFuture.completedFuture(made);
    }

    @Override
    public CompletableFuture<MeteredConnection> dialLocal(LocalTarget target, Duration timeout) {
        assertThat(target.host()).isEqualTo("localhost");
        assertThat(target.tls()).isEmpty();
        assertThat(exposed).contains(target.port());
        CompletableFuture<MeteredConnection> dial = new CompletableFuture<>();
        dials.add(dial);
        return dial;
    }

    /** The oldest dial that is under way succeeds, or not. */
    void answerDial(boolean accepted) {
        if (!dials.isEmpty()) {
            CompletableFuture<MeteredConnection> dial = dials.remove(0);
            if (accepted) {
                Service service = new Service();
                services.add(service);
                dial.complete(service);
            } else {
                dial.completeExceptionally(new StreamException(TunnelError.LOCAL_REFUSED, "nothing listens"));
            }
        }
    }

    /** Ends it; then nothing of it may be left. */
    void finish() {
        while (!dials.isEmpty()) {
            answerDial(false);
        }
        link.end(new TunnelException(TunnelError.CLOSED));
        for (int i = 0; i < 3; i++) {
            tasks.runAll();
            clock.advance(LONGER_THAN_ANYTHING);
        }
        tasks.runAll();
        services.forEach(Service::reset);
        tasks.runAll();
        assertThat(services).allMatch(service -> service.uses == 1 && !service.writing);
        assertThat(carriers).allMatch(FuzzedCarrier::isClosed);
        assertThat(tunnels)
                .allMatch(tunnel -> tunnel.closed().toCompletableFuture().isDone());
        assertThat(metrics.opened.get()).isEqualTo(metrics.orderly.get() + metrics.reset.get());
        assertThat(metrics.tunnels).hasValue(0);
        assertThat(clock.waiting()).as("timers left").isZero();
        assertThat(CreditLeft.now()).as("credit not given back").isEqualTo(credit);
    }

    @Override
    public Executor executor() {
        return tasks;
    }

    @Override
    public <T> Optional<T> host(Class<T> type) {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
