package io.culvert.tunnel.testkit.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.capture.Capture;
import io.culvert.tunnel.capture.CaptureListener;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedExchange.State;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a recorder makes of the changes that an agent's capture tells it. */
class RecorderTest {
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Recorder recorder =
            Recorder.builder().maxExchanges(3).patience(Duration.ofSeconds(10)).build();
    private final CaptureListener agent = attached(recorder);

    private static CaptureListener attached(Recorder to) {
        TunnelAgent.Builder builder = TunnelAgent.builder();
        to.attachTo(builder);
        return builder.options().capture().orElseThrow().listener();
    }

    /** A predicate that tells when somebody looked, so that a test knows that somebody waits. */
    private static final class Asked implements Predicate<CapturedRequest> {
        final CountDownLatch looked = new CountDownLatch(1);
        private final RequestMatcher matcher;

        Asked(RequestMatcher matcher) {
            this.matcher = matcher;
        }

        @Override
        public boolean test(CapturedRequest request) {
            looked.countDown();
            return matcher.test(request);
        }
    }

    @Test
    void theFirstRequestThatMatches() {
        ScriptedExchange first = ScriptedExchange.whole("POST", "/hook?1");
        agent.onChange(ScriptedExchange.whole("GET", "/hook"));
        agent.onChange(first);
        agent.onChange(ScriptedExchange.whole("POST", "/hook?2"));
        assertThat(recorder.awaitRequest("POST", "/hook")).isSameAs(first);
        assertThat(recorder.requests())
                .extracting(CapturedRequest::target)
                .containsExactly("/hook", "/hook?1", "/hook?2");
    }

    @Test
    void aRequestThatGoesOnIsAwaited() throws Exception {
        agent.onChange(ScriptedExchange.whole("GET", "/"));
        Asked asked = new Asked(RequestMatcher.path("/hook"));
        CompletableFuture<CapturedExchange> waiting = CompletableFuture.supplyAsync(() -> recorder.awaitRequest(asked));
        assertThat(asked.looked.await(10, TimeUnit.SECONDS)).isTrue();
        ScriptedExchange exchange = ScriptedExchange.begun("POST", "/hook");
        agent.onChange(exchange);
        assertThat(waiting).isNotDone();
        exchange.requestWhole = true;
        agent.onChange(exchange);
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isSameAs(exchange);
    }

    @Test
    void aRequestThatBrokeOffCounts() {
        ScriptedExchange exchange = ScriptedExchange.begun("POST", "/hook");
        exchange.state = State.RESET;
        agent.onChange(exchange);
        assertThat(recorder.awaitRequest(RequestMatcher.any())).isSameAs(exchange);
    }

    @Test
    void severalRequests() {
        agent.onChange(ScriptedExchange.whole("POST", "/hook"));
        assertThatThrownBy(() -> recorder.awaitRequests(2, RequestMatcher.request("POST", "/hook"), SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("2 requests of 'POST /hook' did not pass within PT0.001S. Seen:");
        agent.onChange(ScriptedExchange.whole("POST", "/hook"));
        assertThat(recorder.awaitRequests(2, RequestMatcher.request("POST", "/hook")))
                .isEqualTo(recorder.exchanges());
    }

    @Test
    void aFailureNamesWhatWasSeen() {
        assertThatThrownBy(() -> recorder.awaitRequest(request -> false, SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the test's own predicate")
                .hasMessageEndingWith("Seen: nothing.");
        ScriptedExchange answered = ScriptedExchange.whole("GET", "/status");
        answered.response = Optional.of(new CapturedResponse(503, "", "HTTP/1.1", List.of()));
        answered.responseBytes = 12L;
        answered.state = State.COMPLETE;
        agent.onChange(answered);
        ScriptedExchange going = ScriptedExchange.begun("POST", "/hook");
        going.requestBytes = 7L;
        agent.onChange(going);
        assertThatThrownBy(
                        () -> recorder.awaitRequest(RequestMatcher.path("/hook").withField("x-kind", "paid"), SHORT))
                .hasMessageContaining("'any method on /hook with x-kind: paid'")
                .hasMessageContaining("\n  GET /status -> 503, 12 bytes, COMPLETE")
                .hasMessageContaining(
                        "\n  POST /hook (request not whole after 7 bytes of its body) -> no answer, OPEN");
    }

    @Test
    void matchersLookAtTheHead() {
        CapturedRequest request = ScriptedExchange.whole("POST", "/a?b").request();
        assertThat(RequestMatcher.any().test(request)).isTrue();
        assertThat(RequestMatcher.path("/a").test(request)).isTrue();
        assertThat(RequestMatcher.path("/a?b").test(request)).isFalse();
        assertThat(RequestMatcher.request("GET", "/a").test(request)).isFalse();
        assertThat(RequestMatcher.path("/a").withField("x-kind", "paid").test(request))
                .isTrue();
        assertThat(RequestMatcher.path("/a").withField("x-kind", "free").test(request))
                .isFalse();
    }

    @Test
    void messagesOfAnyWebSocket() {
        ScriptedExchange socket = ScriptedExchange.whole("GET", "/chat");
        socket.messages = List.of(
                new CapturedMessage(
                        Direction.UP, CapturedMessage.Kind.TEXT, "hi".getBytes(), 2, true, 0, Duration.ZERO),
                new CapturedMessage(
                        Direction.DOWN, CapturedMessage.Kind.BINARY, new byte[3], 3, true, 0, Duration.ZERO));
        agent.onChange(socket);
        assertThat(recorder.awaitMessage(Direction.UP, "hi").size()).isEqualTo(2);
        assertThat(recorder.awaitMessage(message -> message.kind() == CapturedMessage.Kind.BINARY)
                        .direction())
                .isEqualTo(Direction.DOWN);
        assertThatThrownBy(() -> recorder.awaitMessage(message -> message.closeCode() == 1000, SHORT))
                .hasMessageEndingWith("Messages seen:\n  UP TEXT 'hi'\n  DOWN BINARY 3 bytes");
    }

    @Test
    void answersAndEnds() {
        ScriptedExchange exchange = ScriptedExchange.whole("GET", "/");
        agent.onChange(exchange);
        assertThatThrownBy(() -> recorder.awaitResponse(exchange, SHORT)).hasMessageContaining("GET / -> no answer");
        assertThatThrownBy(() -> recorder.awaitEnd(exchange, SHORT)).hasMessageContaining("did not end");
        CapturedResponse head = new CapturedResponse(200, "OK", "HTTP/1.1", List.of());
        exchange.response = Optional.of(head);
        exchange.state = State.COMPLETE;
        agent.onChange(exchange);
        assertThat(recorder.awaitResponse(exchange)).isEqualTo(head);
        assertThat(recorder.awaitEnd(exchange)).isSameAs(exchange);
    }

    @Test
    void theNewestAreKeptUntilCleared() {
        for (int i = 0; i < 5; i++) {
            agent.onChange(ScriptedExchange.whole("GET", "/" + i));
        }
        assertThat(recorder.requests()).extracting(CapturedRequest::target).containsExactly("/2", "/3", "/4");
        recorder.clear();
        assertThat(recorder.exchanges()).isEmpty();
    }

    @Test
    void aWaitThatIsInterruptedFails() throws Exception {
        agent.onChange(ScriptedExchange.whole("GET", "/"));
        Asked asked = new Asked(RequestMatcher.path("/never"));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                recorder.awaitRequest(asked);
            } catch (AssertionError x) {
                failure.complete(x);
            }
        });
        waiting.start();
        assertThat(asked.looked.await(10, TimeUnit.SECONDS)).isTrue();
        waiting.interrupt();
        assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessageContaining("Interrupted");
        waiting.join();
    }

    @Test
    void otherCapturesHearAsWell() {
        ScriptedExchange exchange = ScriptedExchange.whole("GET", "/");
        CompletableFuture<CapturedExchange> before = new CompletableFuture<>();
        CompletableFuture<CapturedExchange> after = new CompletableFuture<>();
        TunnelAgent.Builder builder = TunnelAgent.builder()
                .capture(Capture.builder(it -> {
                            before.complete(it);
                            throw new IllegalStateException("on purpose");
                        })
                        .maxBodyBytes(5)
                        .build());
        recorder.attachTo(builder);
        builder.capture(Capture.to(after::complete));
        Capture capture = builder.options().capture().orElseThrow();
        assertThatThrownBy(() -> capture.listener().onChange(exchange)).hasMessage("on purpose");
        assertThat(before).isCompletedWithValue(exchange);
        assertThat(recorder.exchanges()).containsExactly(exchange);
        assertThat(after).isCompletedWithValue(exchange);
        assertThat(capture.maxBodyBytes()).isEqualTo(1 << 20);
    }

    @Test
    void limitsOutOfRangeAreNamed() {
        assertThatThrownBy(() -> Recorder.builder().maxExchanges(0)).hasMessageContaining("1 to 100000, not 0");
        assertThatThrownBy(() -> Recorder.builder().patience(Duration.ofSeconds(-1)))
                .hasMessageContaining("patience");
    }
}
