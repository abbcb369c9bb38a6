package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The JDK's web server as the local service, for what needs no byte-by-byte view. */
final class HttpOrigin implements AutoCloseable {
    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // head and body are two writes
    }

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "http-origin");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpServer server;

    private HttpOrigin() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1024);
        server.setExecutor(threads);
        server.createContext("/method", HttpOrigin::method);
        server.createContext("/upload", HttpOrigin::upload);
        server.createContext("/download", e -> download(e, length(e)));
        server.createContext("/download-chunked", e -> download(e, 0));
        server.createContext("/echo", HttpOrigin::echo);
        server.createContext("/status", HttpOrigin::status);
        server.start();
    }

    static HttpOrigin start() throws IOException {
        return new HttpOrigin();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static long length(HttpExchange exchange) {
        return Long.parseLong(exchange.getRequestURI().getQuery());
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static void method(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        answer(exchange, exchange.getRequestMethod() + "|" + body);
    }

    private static void upload(HttpExchange exchange) throws IOException {
        var counted = new FilterInputStream(exchange.getRequestBody()) {
            private long count;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = super.read(target, offset, length);
                count += Math.max(n, 0);
                return n;
            }
        };
        String checksum = Bulk.checksum(counted);
        answer(exchange, counted.count + " " + checksum);
    }

    private static void download(HttpExchange exchange, long announced) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(announced));
            exchange.sendResponseHeaders(200, -1);
        } else {
            exchange.sendResponseHeaders(200, announced);
            new Bulk(length(exchange)).stream().transferTo(exchange.getResponseBody());
        }
        exchange.close();
    }

    private static void echo(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getRequestBody().transferTo(exchange.getResponseBody());
        exchange.close();
    }

    private static void status(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders((int) length(exchange), -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
