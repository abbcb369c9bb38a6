package io.culvert.tunnel.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.AgentIdentity;
import io.culvert.tunnel.RelayOptions;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.core.internal.Timing;
import io.culvert.tunnel.core.net.OpenStream;
import io.culvert.tunnel.core.net.PublicTunnel;
import io.culvert.tunnel.core.net.RelayFace;
import io.culvert.tunnel.core.net.RelayNetwork;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.message.TunnelMessage.HttpRequest;
import io.culvert.tunnel.message.TunnelMessage.StreamMessage;
import io.culvert.tunnel.message.TunnelMessage.WebSocketUpgrade;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A relay whose agents and visitors do as they like, step by step on one thread. It checks what must hold whatever they do: nobody
 * hears of another owner's streams or gets another owner's bytes, and nothing is left once they are gone.
 */
final class FuzzedRelay implements RelayNetwork, RelayNetwork.Edge {
    private static final int MOST_AT_ONCE = 8;
    private static final Duration LONGER_THAN_ANYTHING = Duration.ofHours(2);

    final StepExecutor tasks = new StepExecutor();
    final ManualScheduler clock = new ManualScheduler();
    final List<Agent> agents = new ArrayList<>();
    final List<Visit> visits = new ArrayList<>();

    /** Ids of streams as agents heard of them, in that order. */
    final List<String> ids = new ArrayList<>();

    private final Map<String, AgentIdentity> owners = new HashMap<>();
    private final MetricsLog metrics = new MetricsLog();
    private final int budget = CreditLeft.now();
    private final TunnelRelay relay;
    private RelayFace face;
    private int ports = 20_000;

    /** An agent of some owner, and its control channel. */
    record Agent(AgentIdentity identity, FuzzedCarrier carrier) {
        /** Owners are told apart by a byte, which is all that their streams carry. */
        byte mark() {
            return (byte) identity.owner().charAt(identity.owner().length() - 1);
        }
    }

    /** One stream as a visitor's edge uses it, or waits for it. */
    static final class Visit {
        final CompletableFuture<OpenStream> opening;
        private boolean writing;

        Visit(CompletableFuture<OpenStream> opening) {
            this.opening = opening;
        }

        DataStream stream() {
            return opening.isDone() && !opening.isCompletedExceptionally() ? opening.join().stream() : null;
        }
    }

    FuzzedRelay() {
        relay = RelayRuntime.start(
                TunnelRelay.builder()
                        .transports(MultiplexerTransportProvider.NAME, "memory")
                        .domain("example.test")
                        .metrics(metrics)
                        .drainTimeout(Duration.ZERO)
                        .options(),
                this,
                new Timing(clock, clock::nanoTime));
    }

    void connect(AgentIdentity identity) {
        agents.removeIf(agent -> agent.carrier.isClosed());
        if (agents.size() < MOST_AT_ONCE) {
            Agent agent = new Agent(identity, new FuzzedCarrier(tasks, message -> heard(identity, message)));
            agent.carrier.listen(face.connected(agent.carrier, identity, "memory", () -> {}));
            agents.add(agent);
        }
    }

    private void heard(AgentIdentity identity, TunnelMessage message) {
        if (message instanceof StreamMessage about) {
            boolean opens = message instanceof HttpRequest request && request.tunnel() != null
                    || message instanceof WebSocketUpgrade;
            AgentIdentity owner = owners.get(about.streamId());
            if (opens) {
                assertThat(owner).as("who heard of the stream before").isNull();
                owners.put(about.streamId(), identity);
                ids.add(about.streamId());
            } else {
                assertThat(owner).as("whose stream %s is about", message).isEqualTo(identity);
            }
        }
    }

    void visit(String name, StreamKind kind) {
        visits.removeIf(v -> v.opening.isCompletedExceptionally());
        if (visits.size() < MOST_AT_ONCE) {
            Optional<PublicTunnel> tunnel = face.tunnelByHost(name + ".example.test");
            tunnel.ifPresent(t -> visits.add(new Visit(t.open(kind))));
        }
    }

    void write(Visit visit, int count) {
        DataStream stream = visit.stream();
        if (stream != null && !visit.writing) {
            visit.writing = true;
            stream.write(ByteBuffer.allocate(count), Ending.of(failure -> {
                assertThat(visit.writing).as("one completion a write").isTrue();
                visit.writing = false;
            }));
        }
    }

    void read(Visit visit) {
        DataStream stream = visit.stream();
        if (stream == null) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        try {
            stream.read(bytes);
        } catch (IOException x) {
            return; // reset by either side
        }
        bytes.flip();
        byte mark = bytes.hasRemaining() ? new Agent(owners.get(stream.id()), null).mark() : 0;
        while (bytes.hasRemaining()) {
            assertThat(bytes.get()).isEqualTo(mark);
        }
    }

    void end(Visit visit) {
        DataStream stream = visit.stream();
        if (stream != null && !visit.writing) {
            stream.end();
        }
    }

    /** All leave; then nothing of them may be left. */
    void finish() {
        visits.forEach(visit -> {
            visit.opening.cancel(false);
            DataStream stream = visit.stream();
            if (stream != null) {
                stream.reset(new IOException("the visitor left"));
            }
        });
        agents.forEach(agent -> agent.carrier.abort());
        for (int i = 0; i < 3; i++) {
            tasks.runAll();
            clock.advance(LONGER_THAN_ANYTHING);
        }
        tasks.runAll();
        assertThat(visits).allMatch(visit -> visit.opening.isDone() && !visit.writing);
        assertThat(relay.connections()).isEmpty();
        assertThat(relay.tunnels()).isEmpty();
        assertThat(metrics.sessions).hasValue(0);
        assertThat(metrics.tunnels).hasValue(0);
        assertThat(metrics.opened.get()).isEqualTo(metrics.orderly.get() + metrics.reset.get());
        assertThat(clock.waiting()).as("timers left").isZero();
        assertThat(CreditLeft.now()).as("credit not given back").isEqualTo(budget);
        tasks.runAtOnce();
        relay.close();
        assertThat(agents).allMatch(agent -> agent.carrier.isClosed());
    }

    @Override
    public Edge start(RelayOptions options, RelayFace relayFace) {
        face = relayFace;
        return this;
    }

    @Override
    public int port() {
        return ports;
    }

    @Override
    public int openPort(int wanted) {
        return wanted != 0 ? wanted : ++ports;
    }

    @Override
    public void closePort(int port) {}

    @Override
    public boolean drain(Duration atMost) {
        return true;
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
    public void close() {
        agents.forEach(agent -> agent.carrier.abort());
    }
}
