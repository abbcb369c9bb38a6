package io.culvert.tunnel.testkit.recording;

import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedField;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An exchange that goes on as a test says, while other threads look at it. */
final class ScriptedExchange implements CapturedExchange {
    private final CapturedRequest request;

    volatile State state = State.OPEN;
    volatile boolean requestWhole;
    volatile Optional<CapturedResponse> response = Optional.empty();
    volatile List<CapturedMessage> messages = List.of();
    volatile long requestBytes;
    volatile long responseBytes;

    private ScriptedExchange(String method, String target) {
        request = new CapturedRequest(method, target, "HTTP/1.1", List.of(new CapturedField("X-Kind", "paid")));
    }

    /** Its request is not over. */
    static ScriptedExchange begun(String method, String target) {
        return new ScriptedExchange(method, target);
    }

    /** Its request is over, and not answered. */
    static ScriptedExchange whole(String method, String target) {
        ScriptedExchange exchange = begun(method, target);
        exchange.requestWhole = true;
        return exchange;
    }

    @Override
    public long number() {
        return 1;
    }

    @Override
    public String stream() {
        return "stream";
    }

    @Override
    public String tunnel() {
        return "demo";
    }

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public Instant startedAt() {
        return Instant.EPOCH;
    }

    @Override
    public CapturedRequest request() {
        return request;
    }

    @Override
    public CapturedBody requestBody() {
        return new CapturedBody(new byte[0], requestBytes, requestWhole, List.of());
    }

    @Override
    public long requestBytes() {
        return requestBytes;
    }

    @Override
    public Optional<CapturedResponse> response() {
        return response;
    }

    @Override
    public CapturedBody responseBody() {
        return new CapturedBody(new byte[0], responseBytes, state == State.COMPLETE, List.of());
    }

    @Override
    public long responseBytes() {
        return responseBytes;
    }

    @Override
    public List<CapturedMessage> messages() {
        return messages;
    }

    @Override
    public long messageCount() {
        return messages.size();
    }

    @Override
    public long keptBytes() {
        return 0;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> requestTime() {
        return requestWhole ? Optional.of(Duration.ZERO) : Optional.empty();
    }

    @Override
    public Optional<Duration> answerTime() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> totalTime() {
        return Optional.empty();
    }
}
