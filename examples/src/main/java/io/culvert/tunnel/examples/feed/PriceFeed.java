package io.culvert.tunnel.examples.feed;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows prices that a service sends on a WebSocket, and connects again whenever that ends: after a close frame, after a failure without one,
 * and after an attempt that failed. A network that breaks has no time for a close frame: a client that comes back after
 * {@code onClose} only, as many do, works until then.
 */
public class PriceFeed implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final BlockingQueue<String> prices = new LinkedBlockingQueue<>(1000);

    private @Nullable WebSocket socket; // guarded by this
    private boolean closed; // guarded by this

    /** Not yet connected. */
    public PriceFeed(URI url) {
        this.url = url;
    }

    /** Connects, now and whenever the WebSocket ended. */
    public void connect() {
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        http.newWebSocketBuilder().buildAsync(url, new Listener()).whenComplete((made, failure) -> {
            if (failure != null) {
                failed(failure);
            } else if (!keep(made)) {
                made.abort();
            }
        });
    }

    private synchronized boolean keep(WebSocket made) {
        socket = made;
        return !closed;
    }

    /** The next price, or null if none came in that time. */
    public @Nullable String next(Duration atMost) throws InterruptedException {
        return prices.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The service said that it goes. */
    protected void ended() {
        connectLater();
    }

    /** The WebSocket broke, or could not be opened. */
    protected void failed(Throwable cause) {
        connectLater();
    }

    private void connectLater() {
        CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                .execute(this::connect);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                prices.offer(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            ended();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable cause) {
            failed(cause);
        }
    }

    @Override
    public void close() {
        WebSocket last;
        synchronized (this) {
            closed = true;
            last = socket;
        }
        if (last != null) {
            last.abort();
        }
    }
}
