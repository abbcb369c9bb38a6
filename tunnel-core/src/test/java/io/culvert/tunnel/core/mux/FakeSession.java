package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.core.ManualScheduler;
import io.culvert.tunnel.core.internal.codec.MalformedMessageException;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.ControlChannel;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.StreamAcceptor;
import io.culvert.tunnel.spi.StreamRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A session whose wire is the test: messages are recorded, and turns are given when the test says so. */
final class FakeSession implements RelayContext, AgentContext, ControlChannel {
    final ManualScheduler scheduler = new ManualScheduler();
    final List<TunnelMessage> sent = new ArrayList<>();
    final Deque<Turn> turns = new ArrayDeque<>();
    final List<String> strays = new ArrayList<>();
    final List<String> exceeded = new ArrayList<>();
    final List<String> protocolErrors = new ArrayList<>();
    final List<StreamRequest> requests = new ArrayList<>();
    CompletableFuture<LocalConnection> answer = new CompletableFuture<>();
    int receiveCredit = 100_000;
    int sendCredit = 100_000;
    int reserved;
    int budget = 1_000_000;
    private final MessageCodec codec = new MessageCodec();
    private int ids;

    /** Gives one turn; returns what was sent on it, if anything. */
    @Nullable
    TunnelMessage turn() {
        Turn turn = turns.remove();
        TunnelMessage message = turn.next();
        if (message == null) {
            return null;
        }
        record(message);
        turn.sent(null);
        return sent.get(sent.size() - 1);
    }

    void allTurns() {
        while (!turns.isEmpty()) {
            turn();
        }
    }

    /** What was sent since the last call. */
    List<TunnelMessage> taken() {
        List<TunnelMessage> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    private void record(TunnelMessage message) {
        try {
            sent.add(codec.decode(codec.encode(message)));
        } catch (MalformedMessageException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void send(TunnelMessage message) {
        record(message);
    }

    @Override
    public void requestTurn(Turn turn) {
        turns.add(turn);
    }

    @Override
    public String newStreamId() {
        return "id" + ++ids;
    }

    @Override
    public int slots() {
        return 0;
    }

    @Override
    public int slotsAtMost() {
        return slots();
    }

    @Override
    public URI relay() {
        return URI.create("ws://relay.test");
    }

    @Override
    public Map<String, String> parameters() {
        return Map.of();
    }

    @Override
    public StreamAcceptor acceptor() {
        return request -> {
            requests.add(request);
            return answer;
        };
    }

    @Override
    public String session() {
        return "s1";
    }

    @Override
    public String dataSecret() {
        return "secret";
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
        return scheduler;
    }

    @Override
    public Duration openTimeout() {
        return Duration.ofSeconds(10);
    }

    @Override
    public int receiveCredit() {
        return receiveCredit;
    }

    @Override
    public int sendCredit() {
        return sendCredit;
    }

    @Override
    public boolean reserveCredit(int bytes) {
        if (reserved + bytes > budget) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    @Override
    public void releaseCredit(int bytes) {
        reserved -= bytes;
    }

    @Override
    public void creditExceeded(String streamId) {
        exceeded.add(streamId);
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
        return Optional.empty();
    }
}
