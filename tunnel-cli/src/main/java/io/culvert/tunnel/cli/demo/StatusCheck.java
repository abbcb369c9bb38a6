package io.culvert.tunnel.cli.demo;

import static io.culvert.tunnel.cli.demo.Visitor.require;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.Callable;

/** Asks for JSON many times over. */
record StatusCheck(HttpClient client, URI base) implements Callable<Visitor.Finding> {
    private static final int TIMES = 20;

    @Override
    public Visitor.Finding call() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/status")).build();
        long down = 0;
        for (int i = 0; i < TIMES; i++) {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            require(response.statusCode() == 200, "status %d", response.statusCode());
            require(response.body().startsWith("{\"status\":\"ok\""), "not the expected JSON");
            down += response.body().length();
        }
        return new Visitor.Finding(0, down, TIMES + " requests, each with 200 and JSON");
    }
}
