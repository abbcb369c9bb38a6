package io.culvert.tunnel.jetty.internal.capture;

import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.capture.CapturedBody;
import io.culvert.tunnel.capture.CapturedExchange;
import io.culvert.tunnel.capture.CapturedMessage;
import io.culvert.tunnel.capture.CapturedRequest;
import io.culvert.tunnel.capture.CapturedResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An exchange that its decoder writes and everybody reads. Thread-safe. */
final class Recorded implements CapturedExchange {
    /** However small they are. */
    private static final int MAX_MESSAGES = 10_000;

    private final long number;
    private final String stream;
    private final StreamInfo about;
    private final int maxBodyBytes;
    private final Instant startedAt;
    private final long startNanos;
    private final CapturedRequest request;

    // All below are guarded by this.
    private final KeptBody requestBody;
    private final KeptBody responseBody;
    private final Deque<CapturedMessage> messages = new ArrayDeque<>();
    private long messageBytes;
    private long messageCount;
    private @Nullable CapturedResponse response;
    private State state = State.OPEN;
    private @Nullable String problem;
    private @Nullable Duration requestTime;
    private @Nullable Duration answerTime;
    private @Nullable Duration totalTime;

    /**
     * An exchange whose request's head was decoded just now, perhaps long after it passed.
     *
     * @param startNanos when its first byte passed, by {@link System#nanoTime}
     */
    Recorded(long number, String stream, StreamInfo about, CapturedRequest request, int maxBodyBytes, long startNanos) {
        this.number = number;
        this.stream = stream;
        this.about = about;
        this.request = request;
        this.maxBodyBytes = maxBodyBytes;
        this.startNanos = startNanos;
        this.startedAt = Instant.now().minusNanos(Math.max(0, System.nanoTime() - startNanos));
        this.requestBody = new KeptBody(maxBodyBytes);
        this.responseBody = new KeptBody(maxBodyBytes);
    }

    Duration since(long nanoTime) {
        return Duration.ofNanos(Math.max(0, nanoTime - startNanos));
    }

    /** Changes the request's body. */
    synchronized void request(java.util.function.Consumer<KeptBody> change) {
        change.accept(requestBody);
    }

    /** Changes the answer's body. */
    synchronized void response(java.util.function.Consumer<KeptBody> change) {
        change.accept(responseBody);
    }

    synchronized void requestEnded(long nanoTime) {
        requestBody.end();
        requestTime = since(nanoTime);
    }

    synchronized void answered(CapturedResponse head, long nanoTime) {
        response = head;
        answerTime = since(nanoTime);
    }

    synchronized void message(CapturedMessage message) {
        messageCount++;
        messages.add(message);
        messageBytes += message.bytes().length;
        while (messages.size() > MAX_MESSAGES || messageBytes > maxBodyBytes && messages.size() > 1) {
            messageBytes -= messages.remove().bytes().length;
        }
    }

    /** The end; only the first counts. */
    synchronized boolean finish(State end, @Nullable String why, long nanoTime) {
        if (state != State.OPEN) {
            return false;
        }
        state = end;
        problem = why;
        totalTime = since(nanoTime);
        if (end == State.COMPLETE) {
            responseBody.end();
        }
        return true;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public String stream() {
        return stream;
    }

    @Override
    public String tunnel() {
        return about.tunnel();
    }

    @Override
    public String transport() {
        return about.transport();
    }

    @Override
    public Instant startedAt() {
        return startedAt;
    }

    @Override
    public CapturedRequest request() {
        return request;
    }

    @Override
    public synchronized CapturedBody requestBody() {
        return requestBody.snapshot();
    }

    @Override
    public synchronized long requestBytes() {
        return requestBody.size();
    }

    @Override
    public synchronized long responseBytes() {
        return responseBody.size();
    }

    @Override
    public synchronized Optional<CapturedResponse> response() {
        return Optional.ofNullable(response);
    }

    @Override
    public synchronized CapturedBody responseBody() {
        return responseBody.snapshot();
    }

    @Override
    public synchronized List<CapturedMessage> messages() {
        return List.copyOf(messages);
    }

    @Override
    public synchronized long messageCount() {
        return messageCount;
    }

    @Override
    public synchronized long keptBytes() {
        return requestBody.keptBytes() + responseBody.keptBytes() + messageBytes;
    }

    @Override
    public synchronized State state() {
        return state;
    }

    @Override
    public synchronized Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    @Override
    public synchronized Optional<Duration> requestTime() {
        return Optional.ofNullable(requestTime);
    }

    @Override
    public synchronized Optional<Duration> answerTime() {
        return Optional.ofNullable(answerTime);
    }

    @Override
    public synchronized Optional<Duration> totalTime() {
        return Optional.ofNullable(totalTime);
    }

    @Override
    public String toString() {
        return number + " " + request.method() + " " + request.target() + " "
                + response().map(head -> String.valueOf(head.status())).orElse("-") + " " + state();
    }
}
