package io.culvert.tunnel.cli.demo;

import static io.culvert.tunnel.cli.demo.Visitor.require;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/** Fetches the page. */
record PageCheck(HttpClient client, URI base) implements Callable<Visitor.Finding> {
    @Override
    public Visitor.Finding call() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/")).build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        require(response.statusCode() == 200, "status %d", response.statusCode());
        String page = new String(response.body(), StandardCharsets.UTF_8);
        require(page.startsWith("<!doctype html>") && page.strip().endsWith("</html>"), "the page is not whole");
        return new Visitor.Finding(0, response.body().length, "200, the whole page");
    }
}
