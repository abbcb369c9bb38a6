package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An agent written from {@code docs/PROTOCOL.md} alone, with the JDK's WebSocket and sockets: what an author in another language
 * would write. It knows nothing of Culvert's classes.
 */
final class BareAgent implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI relay;
    private final String transport;
    private final int localPort;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "bare-agent");
        thread.setDaemon(true);
        return thread;
    });
    private final BlockingQueue<ObjectNode> outgoing = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final CompletableFuture<JsonNode> registered = new CompletableFuture<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final Map<String, BareControlStream> streams = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Socket>> slots = new ConcurrentHashMap<>();
    private final WebSocket webSocket;

    BareAgent(URI relay, String token, String transport, int localPort, int credit) {
        this.relay = relay;
        this.transport = transport;
        this.localPort = localPort;
        ObjectNode register = message("register")
                .put("version", 1)
                .put("agent_id", "00112233445566778899aabbccddeeff")
                .put("credit", credit);
        register.putArray("tunnels").addObject().put("ref", "mine");
        register.putArray("transports").add(transport);
        webSocket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(relay.resolve("/_tunnel/control"), new Listener())
                .join();
        threads.execute(this::write);
        send(register);
    }

    static ObjectNode message(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    /** Queues a message; one thread sends them one after another. */
    void send(ObjectNode message) {
        outgoing.add(message);
    }

    /** The answer to the registration. */
    JsonNode registered() throws Exception {
        return registered.get(30, TimeUnit.SECONDS);
    }

    int publicPort() throws Exception {
        return URI.create(registered().at("/tunnels/0/url").asText()).getPort();
    }

    /** The close code of the control channel. */
    int closed() throws Exception {
        return closed.get(30, TimeUnit.SECONDS);
    }

    /** Waits until a message of that type came in. */
    void awaitMessage(String type) throws InterruptedException {
        for (String next = ""; !next.equals(type); ) {
            next = seen.poll(30, TimeUnit.SECONDS);
            assertThat(next).as("a message '%s'", type).isNotNull();
        }
    }

    /** Cuts the control channel without a word. */
    void vanish() {
        webSocket.abort();
    }

    private void write() {
        try {
            while (true) {
                webSocket
                        .sendText(JSON.writeValueAsString(outgoing.take()), true)
                        .join();
            }
        } catch (InterruptedException | CompletionException x) {
            return; // closed by either side
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonNode message = parse(text.toString());
                text.setLength(0);
                receive(message);
                seen.add(message.path("type").asText());
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.complete(1006);
        }

        private JsonNode parse(String json) {
            try {
                return JSON.readTree(json);
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        }
    }

    private void receive(JsonNode message) {
        switch (message.path("type").asText()) {
            case "registered", "refused" -> registered.complete(message);
            case "ping" ->
                send(message("pong").put("nonce", message.path("nonce").asLong()));
            case "slots" -> message.path("connection_ids").forEach(id -> dialAhead(id.asText()));
            case "httprequest" -> {
                if (message.has("tunnel")) {
                    open(message.path("request_id").asText(), false, message.path("payload"));
                } else {
                    stream(message.path("request_id"), s -> s.received(message.path("payload")));
                }
            }
            case "websocketupgrade" ->
                open(message.path("connection_id").asText(), true, message.path("initial_request"));
            case "websocketframe" -> stream(message.path("connection_id"), s -> s.received(message.path("data")));
            case "credit" ->
                stream(
                        message.path("stream_id"),
                        s -> s.credit(message.path("bytes").asLong()));
            case "end" -> stream(message.path("stream_id"), BareControlStream::ended);
            case "httpcancel" -> stream(message.path("request_id"), BareControlStream::reset);
            case "websocketclose" -> stream(message.path("connection_id"), BareControlStream::reset);
            default -> {
                return; // unknown types are skipped
            }
        }
    }

    private void stream(JsonNode id, Consumer<BareControlStream> action) {
        BareControlStream stream = streams.get(id.asText());
        if (stream != null) {
            action.accept(stream);
        }
    }

    private void open(String id, boolean upgrade, JsonNode payload) {
        if (!transport.equals("control")) {
            threads.execute(() -> openDedicated(id, upgrade));
            return;
        }
        int credit = registered.join().at("/limits/credit").asInt();
        BareControlStream stream = new BareControlStream(id, upgrade, credit, this::send, () -> streams.remove(id));
        streams.put(id, stream);
        stream.received(payload);
        threads.execute(() -> {
            Socket local = dialLocal(id, upgrade);
            if (local != null) {
                threads.execute(() -> stream.pumpUp(local));
                stream.pumpDown(local);
            }
        });
    }

    private Socket dialLocal(String id, boolean upgrade) {
        try {
            Socket local = new Socket("127.0.0.1", localPort);
            if (upgrade) {
                send(message("websocketready").put("connection_id", id));
            }
            return local;
        } catch (IOException x) {
            send(message(upgrade ? "websocketclose" : "httpcancel")
                    .put(upgrade ? "connection_id" : "request_id", id)
                    .put("code", "local-refused")
                    .put("reason", "Nothing listens."));
            streams.remove(id);
            return null;
        }
    }

    private void dialAhead(String id) {
        CompletableFuture<Socket> slot = new CompletableFuture<>();
        slots.put(id, slot);
        threads.execute(() -> {
            try {
                slot.complete(dialRelay(id));
            } catch (IOException x) {
                slot.completeExceptionally(x); // the relay closed meanwhile, or this agent did
            }
        });
    }

    private void openDedicated(String id, boolean upgrade) {
        Socket local = dialLocal(id, upgrade);
        CompletableFuture<Socket> slot = slots.remove(id);
        if (local == null) {
            return; // a slot's connection is the relay's to close
        }
        try {
            Socket data = slot == null ? dialRelay(id) : slot.get();
            threads.execute(() -> copy(data, local));
            copy(local, data);
        } catch (IOException | ExecutionException | InterruptedException x) {
            reset(local);
        }
    }

    private Socket dialRelay(String id) throws IOException {
        Socket data = new Socket(relay.getHost(), relay.getPort());
        String request = "GET /_ws_proxy/" + id + " HTTP/1.1\r\n"
                + "Host: " + relay.getAuthority() + "\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: culvert\r\n"
                + "Authorization: Bearer "
                + registered.join().path("data_secret").asText() + "\r\n"
                + "\r\n";
        data.getOutputStream().write(request.getBytes(ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int b = data.getInputStream().read(); // one by one: what follows the head is the stream's
            if (b < 0) {
                throw new EOFException("after '" + head + "'");
            }
            head.append((char) b);
        }
        if (!head.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException("The relay answered " + head);
        }
        return data;
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException x) {
            reset(from);
            reset(to);
        }
    }

    static void reset(Socket socket) {
        try {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    @Override
    public void close() {
        webSocket.abort();
        threads.shutdownNow();
    }
}
