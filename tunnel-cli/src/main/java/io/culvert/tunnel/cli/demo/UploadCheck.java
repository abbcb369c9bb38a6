package io.culvert.tunnel.cli.demo;

import static io.culvert.tunnel.cli.demo.Visitor.require;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Callable;

/** Uploads random bytes and compares the checksum that comes back. */
record UploadCheck(HttpClient client, URI base) implements Callable<Visitor.Finding> {
    private static final int SIZE = 8 << 20;

    @Override
    public Visitor.Finding call() throws Exception {
        byte[] content = new byte[SIZE];
        new Random().nextBytes(content);
        String expected = "{\"bytes\":%d,\"sha256\":\"%s\"}"
                .formatted(SIZE, HexFormat.of().formatHex(Checksum.sha256().digest(content)));
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/upload"))
                .POST(BodyPublishers.ofByteArray(content))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        require(response.statusCode() == 200, "status %d", response.statusCode());
        require(response.body().equals(expected), "sent %s, got %s", expected, response.body());
        return new Visitor.Finding(SIZE, response.body().length(), "200, same SHA-256 at both ends");
    }
}
