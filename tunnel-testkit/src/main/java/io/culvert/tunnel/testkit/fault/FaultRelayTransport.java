package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.StreamException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

/** The relay's half of a transport, with faults in the streams that it opens. */
final class FaultRelayTransport implements RelayTransport {
    private final RelayTransport transport;
    private final Rules rules;
    private final ScheduledExecutorService scheduler;
    private final Set<FaultStream> streams;

    FaultRelayTransport(
            RelayTransport transport, Rules rules, ScheduledExecutorService scheduler, Set<FaultStream> streams) {
        this.transport = transport;
        this.rules = rules;
        this.scheduler = scheduler;
        this.streams = streams;
    }

    @Override
    public CompletableFuture<DataStream> open(StreamKind kind, String tunnel) {
        Subject wish = Subject.stream("", tunnel, kind);
        for (Rule rule : rules.inForce()) {
            if (rule.is(Effect.Kind.REFUSE) && rule.claim(wish)) {
                return CompletableFuture.failedFuture(new StreamException(
                        rule.effect().error(), "A fault of the test refused a stream: " + rule + "."));
            }
        }
        CompletableFuture<DataStream> inner = transport.open(kind, tunnel);
        CompletableFuture<DataStream> outer = new CompletableFuture<>();
        inner.whenComplete((stream, failure) -> {
            if (failure != null) {
                outer.completeExceptionally(failure);
            } else {
                outer.complete(wrap(stream, kind, tunnel));
            }
        });
        outer.whenComplete((stream, failure) -> {
            if (failure != null) {
                inner.completeExceptionally(failure); // whoever asked does not want it any more
            }
        });
        return outer;
    }

    private FaultStream wrap(DataStream stream, StreamKind kind, String tunnel) {
        FaultStream faulty = new FaultStream(stream, Subject.stream(stream.id(), tunnel, kind), rules, scheduler);
        streams.add(faulty);
        faulty.begin(() -> streams.remove(faulty));
        return faulty;
    }

    @Override
    public Map<String, String> parameters() {
        return transport.parameters();
    }

    @Override
    public void onRegistered() {
        transport.onRegistered();
    }

    @Override
    public void onMessage(TunnelMessage message) {
        transport.onMessage(message);
    }

    @Override
    public void onControlLost() {
        transport.onControlLost();
    }

    @Override
    public void onControlRestored() {
        transport.onControlRestored();
    }

    @Override
    public void close() {
        transport.close();
    }
}
