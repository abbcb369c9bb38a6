package io.culvert.tunnel.examples.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An application that receives a webhook at {@code POST /hook}: it checks the signature, and processes each delivery once however often the
 * sender repeats it.
 */
public final class WebhookReceiver implements AutoCloseable {
    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_REMEMBERED = 10_000;

    private final HttpServer server;
    private final Signature signature;
    private final Map<String, String> processed = new LinkedHashMap<>(); // bodies by delivery; guarded by itself

    /** Listens on any free port of loopback. */
    public WebhookReceiver(String secret) {
        signature = new Signature(secret);
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        server.createContext("/hook", this::receive);
        server.start();
    }

    /** Where it listens. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** The bodies processed so far, in order. */
    public List<String> processed() {
        synchronized (processed) {
            return new ArrayList<>(processed.values());
        }
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
            exchange.sendResponseHeaders(status(exchange, body), -1);
        }
    }

    private int status(HttpExchange exchange, byte[] body) {
        String delivery = exchange.getRequestHeaders().getFirst("X-Delivery");
        String claimed = exchange.getRequestHeaders().getFirst(Signature.FIELD);
        if (!exchange.getRequestMethod().equals("POST")) {
            return 405;
        }
        if (body.length > MAX_BODY) {
            return 413;
        }
        if (delivery == null || claimed == null || !signature.matches(claimed, delivery, body)) {
            return 401;
        }
        synchronized (processed) {
            processed.putIfAbsent(delivery, new String(body, StandardCharsets.UTF_8));
            if (processed.size() > MAX_REMEMBERED) {
                processed.remove(processed.keySet().iterator().next());
            }
        }
        return 204;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
