package io.culvert.tunnel.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** An agent over {@code control} that answers each request with bytes as fast as it can, whatever credit it has, and never stops by itself. */
final class GreedyAgent implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHUNK = Base64.getEncoder().encodeToString(new byte[32 * 1024]);
    private static final String HEAD =
            Base64.getEncoder().encodeToString("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".getBytes());

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "greedy-agent");
        thread.setDaemon(true);
        return thread;
    });
    private final CompletableFuture<String> registered = new CompletableFuture<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong resets = new AtomicLong();
    private final WebSocket webSocket;
    private volatile boolean closed;

    /** Exposes {@code greedy}. */
    GreedyAgent(int relayPort) throws Exception {
        webSocket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + relayPort + "/_tunnel/control"), new Listener())
                .join();
        send("{\"type\":\"register\",\"version\":1,\"agent_id\":\"0123456789abcdef0123456789abcdef\",\"credit\":65536,"
                + "\"tunnels\":[{\"ref\":\"greedy\",\"name\":\"greedy\"}],\"transports\":[\"control\"]}");
        registered.get();
    }

    /** Bytes of answers that it sent. */
    long sent() {
        return sent.get();
    }

    /** How often the relay reset a stream. */
    long resets() {
        return resets.get();
    }

    private synchronized void send(String message) {
        webSocket.sendText(message, true).join();
    }

    private void flood(String id) {
        try {
            send("{\"type\":\"httpresponse\",\"request_id\":\"" + id + "\",\"payload\":\"" + HEAD + "\"}");
            String message = "{\"type\":\"httpresponse\",\"request_id\":\"" + id + "\",\"payload\":\"" + CHUNK + "\"}";
            for (int i = 0; i < 300 && !closed; i++) {
                send(message);
                sent.addAndGet(32 * 1024);
            }
        } catch (CompletionException x) {
            return; // the relay had enough
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                receive(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        private void receive(String json) {
            JsonNode message;
            try {
                message = JSON.readTree(json);
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
            switch (message.path("type").asText()) {
                case "registered" -> registered.complete(json);
                case "refused" -> registered.completeExceptionally(new AssertionError(json));
                case "httprequest" ->
                    threads.execute(() -> flood(message.path("request_id").asText()));
                case "httpcancel" -> resets.incrementAndGet();
                default -> {
                    return; // it does not care
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        webSocket.abort();
        threads.shutdownNow();
    }
}
