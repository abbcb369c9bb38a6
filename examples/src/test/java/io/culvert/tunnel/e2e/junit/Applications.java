package io.culvert.tunnel.e2e.junit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Applications under test, and a visitor. */
final class Applications {
    private static final HttpClient VISITOR = HttpClient.newHttpClient();

    private Applications() {}

    /** Answers each request with its target, on a free port. */
    static HttpServer hello() {
        return answering("hello ");
    }

    /** Answers each request with a word and its target, on a free port. */
    static HttpServer answering(String word) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
        server.createContext("/", exchange -> {
            byte[] answer = (word + exchange.getRequestURI()).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** Visits a URL. */
    static HttpResponse<String> get(URI url) throws IOException, InterruptedException {
        return VISITOR.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
    }
}
