package io.culvert.tunnel.testkit.recording;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import io.culvert.tunnel.capture.Replay;
import io.culvert.tunnel.capture.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Records what passes through the tunnels of agents in a test, as the local service saw it, and waits for it. Copies are made beside the
 * bytes' way: nothing that flows waits for its recording. It keeps the newest exchanges within bounds. All methods may be called from any
 * thread; predicates run on the thread that waits.
 *
 * <pre>{@code
 * Recorder recorder = Recorder.create();
 * TunnelAgent.Builder agent = TunnelAgent.builder().relay(relay.uri());
 * recorder.attachTo(agent);
 * …
 * CapturedExchange hook = recorder.awaitRequest("POST", "/hook");
 * assertEquals("paid", hook.requestBody().text());
 * assertEquals(204, recorder.awaitResponse(hook).status());
 * recorder.replay(hook);
 * }</pre>
 */
public final class Recorder {
    private final Traffic traffic;
    private final int maxBodyBytes;
    private final Duration patience;
    private final Changes changes = new Changes();

    private Recorder(Builder builder) {
        traffic = new Traffic(builder.maxExchanges, builder.maxKeptBytes);
        maxBodyBytes = builder.maxBodyBytes;
        patience = builder.patience;
        traffic.watch(number -> changes.tell());
    }

    /** With the usual limits. */
    public static Recorder create() {
        return builder().build();
    }

    /** With limits of one's own. */
    public static Builder builder() {
        return new Builder();
    }

    /** Has an agent that is to be built record here, whoever else captures what passes. Several agents may have the same recorder. */
    public void attachTo(TunnelAgent.Builder agent) {
        agent.capture(Capture.builder(traffic).maxBodyBytes(maxBodyBytes).build());
        agent.listener(traffic);
    }

    /** What was recorded since the last {@link #clear}, oldest first; those that go on grow. */
    public List<CapturedExchange> exchanges() {
        return traffic.exchanges().stream().map(Traffic.Numbered::exchange).toList();
    }

    /** The requests' heads of {@link #exchanges}. */
    public List<CapturedRequest> requests() {
        return exchanges().stream().map(CapturedExchange::request).toList();
    }

    /** Forgets everything; what goes on does not come back. */
    public void clear() {
        traffic.clear();
    }

    /** The first request with that method and path, whatever the query; waits as {@link #awaitRequest(Predicate)}. */
    public CapturedExchange awaitRequest(String method, String path) {
        return awaitRequest(RequestMatcher.request(method, path));
    }

    /** As {@link #awaitRequest(Predicate, Duration)}, with the usual patience. */
    public CapturedExchange awaitRequest(Predicate<? super CapturedRequest> which) {
        return awaitRequest(which, patience);
    }

    /**
     * Waits until a request that matches passed whole, or broke off.
     *
     * @param which looks at the head; must not block
     * @return the exchange of the first such request that is kept; its answer may be on its way
     * @throws AssertionError if none passed in time; it names what did
     */
    public CapturedExchange awaitRequest(Predicate<? super CapturedRequest> which, Duration atMost) {
        return awaitRequests(1, which, atMost).get(0);
    }

    /** As {@link #awaitRequests(int, Predicate, Duration)}, with the usual patience. */
    public List<CapturedExchange> awaitRequests(int count, Predicate<? super CapturedRequest> which) {
        return awaitRequests(count, which, patience);
    }

    /**
     * Waits until so many requests that match passed whole, or broke off: such as the attempts of a sender that retries.
     *
     * @return the exchanges of the first so many that are kept, in the order in which they began
     * @throws AssertionError if fewer passed in time; it names what did
     */
    public List<CapturedExchange> awaitRequests(int count, Predicate<? super CapturedRequest> which, Duration atMost) {
        return changes.await(
                atMost,
                () -> {
                    List<CapturedExchange> found = exchanges().stream()
                            .filter(exchange -> hasRequest(exchange) && which.test(exchange.request()))
                            .limit(count)
                            .toList();
                    return found.size() == count ? Optional.of(found) : Optional.empty();
                },
                () -> count + " requests of '" + Words.of(which) + "' did not pass within " + atMost + ". "
                        + Words.seen(exchanges()));
    }

    private static boolean hasRequest(CapturedExchange exchange) {
        return exchange.requestTime().isPresent() || exchange.state() != CapturedExchange.State.OPEN;
    }

    /** As {@link #awaitResponse(CapturedExchange, Duration)}, with the usual patience. */
    public CapturedResponse awaitResponse(CapturedExchange exchange) {
        return awaitResponse(exchange, patience);
    }

    /**
     * Waits for the head of a request's final answer.
     *
     * @throws AssertionError if there is none in time
     */
    public CapturedResponse awaitResponse(CapturedExchange exchange, Duration atMost) {
        return changes.await(
                atMost, exchange::response, () -> "No answer came within " + atMost + ": " + Words.of(exchange));
    }

    /** As {@link #awaitEnd(CapturedExchange, Duration)}, with the usual patience. */
    public CapturedExchange awaitEnd(CapturedExchange exchange) {
        return awaitEnd(exchange, patience);
    }

    /**
     * Waits until nothing more comes: the answer is whole, the WebSocket is over, or one side broke off, as {@link CapturedExchange#state}
     * then says.
     *
     * @return the same exchange
     * @throws AssertionError if it still goes on then
     */
    public CapturedExchange awaitEnd(CapturedExchange exchange, Duration atMost) {
        return changes.await(
                atMost,
                () -> Optional.of(exchange).filter(it -> it.state() != CapturedExchange.State.OPEN),
                () -> "An exchange did not end within " + atMost + ": " + Words.of(exchange));
    }

    /** The first text message with that payload; waits as {@link #awaitMessage(Predicate, Duration)}, with the usual patience. */
    public CapturedMessage awaitMessage(Direction direction, String text) {
        return awaitMessage(
                Words.said(
                        "'" + text + "' going " + direction,
                        message -> message.kind() == CapturedMessage.Kind.TEXT
                                && message.direction() == direction
                                && message.text().equals(text)),
                patience);
    }

    /** As {@link #awaitMessage(Predicate, Duration)}, with the usual patience. */
    public CapturedMessage awaitMessage(Predicate<? super CapturedMessage> which) {
        return awaitMessage(which, patience);
    }

    /**
     * Waits until a message or control frame that matches passed on any WebSocket.
     *
     * @param which must not block
     * @return the first such message that is kept
     * @throws AssertionError if none passed in time; it names what did
     */
    public CapturedMessage awaitMessage(Predicate<? super CapturedMessage> which, Duration atMost) {
        return changes.await(
                atMost,
                () -> exchanges().stream()
                        .flatMap(exchange -> exchange.messages().stream())
                        .filter(which)
                        .findFirst(),
                () -> "No message of '" + Words.of(which) + "' passed within " + atMost + ". "
                        + Words.seenMessages(exchanges()));
    }

    /** Sends the request of an exchange to the local service again, as {@link #replay(CapturedExchange, Replay)}. */
    public CapturedExchange replay(CapturedExchange exchange) {
        return replay(exchange, Replay.of(exchange));
    }

    /**
     * Sends an edited request to the local service of the tunnel through which an exchange came. Returns when it passed; the answer may be on its
     * way.
     *
     * @param edited such as {@code Replay.of(exchange).field("X-Signature", "wrong")}
     * @return the new exchange, recorded like any other
     * @throws IllegalStateException if the tunnel is not open, or if the body was kept in part and not replaced
     * @throws AssertionError if the local service did not take it
     */
    public CapturedExchange replay(CapturedExchange exchange, Replay edited) {
        Tunnel tunnel = traffic.tunnel(exchange.tunnel())
                .orElseThrow(() -> new IllegalStateException("Tunnel " + exchange.tunnel() + " is not open."));
        String stream = sent(edited.sendTo(tunnel), exchange);
        return changes.await(
                patience,
                () -> exchanges().stream()
                        .filter(it -> it.stream().equals(stream) && hasRequest(it))
                        .findFirst(),
                () -> "A request that was sent again was not recorded within " + patience + ". "
                        + Words.seen(exchanges()));
    }

    private String sent(CompletionStage<String> sending, CapturedExchange exchange) {
        try {
            return sending.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | CompletionException | TimeoutException x) {
            throw new AssertionError("The local service did not take a request again: " + Words.of(exchange), x);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while sending a request again.", x);
        }
    }

    @Override
    public String toString() {
        return "Recorder[" + Words.seen(exchanges()) + "]";
    }

    /** Collects options; each method checks its argument. */
    public static final class Builder {
        private int maxExchanges = 1000;
        private int maxBodyBytes = 1 << 20;
        private long maxKeptBytes = 64L << 20;
        private Duration patience = Duration.ofSeconds(10);

        private Builder() {}

        /** How many exchanges to keep, the newest: 1 to 100,000. Default: 1,000. */
        public Builder maxExchanges(int count) {
            this.maxExchanges = (int) inRange("maxExchanges", count, 1, 100_000);
            return this;
        }

        /** Bytes to keep of each body, and of one WebSocket's messages together: 0 to 64 MiB. Default: 1 MiB. */
        public Builder maxBodyBytes(int bytes) {
            this.maxBodyBytes = (int) inRange("maxBodyBytes", bytes, 0, 64 << 20);
            return this;
        }

        /** Bytes of bodies and messages to keep of all exchanges; the oldest go first. 0 to 4 GiB. Default: 64 MiB. */
        public Builder maxKeptBytes(long bytes) {
            this.maxKeptBytes = inRange("maxKeptBytes", bytes, 0, 4L << 30);
            return this;
        }

        /** How long methods wait that are not told how long. Default: 10 s. */
        public Builder patience(Duration atMost) {
            if (atMost.isNegative()) {
                throw new IllegalArgumentException("patience must not be negative: " + atMost + ".");
            }
            this.patience = atMost;
            return this;
        }

        /** The recorder, empty. */
        public Recorder build() {
            return new Recorder(this);
        }

        private static long inRange(String option, long value, long lowest, long highest) {
            if (value < lowest || value > highest) {
                throw new IllegalArgumentException(
                        option + " must be " + lowest + " to " + highest + ", not " + value + ".");
            }
            return value;
        }
    }
}
