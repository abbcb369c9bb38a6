package io.culvert.tunnel.cli.demo;

import static io.culvert.tunnel.cli.demo.Visitor.require;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Listens to server-sent events, sees that each arrives when it is sent, and leaves in the middle of the stream. */
record EventsCheck(HttpClient client, URI base) implements Callable<Visitor.Finding> {
    private static final int EVENTS = 4;

    @Override
    public Visitor.Finding call() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/events"))
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
        require(response.statusCode() == 200, "status %d", response.statusCode());
        long down = 0;
        long shortestGap = Long.MAX_VALUE;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            long last = 0;
            for (int seen = 0; seen < EVENTS; ) {
                String line = reader.readLine();
                require(line != null, "the stream ended after %d events", seen);
                down += line.length() + 1;
                if (line.startsWith("data:")) {
                    seen++;
                    require(line.contains("\"number\":" + seen + ","), "event %d is %s", seen, line);
                    long now = System.nanoTime();
                    if (seen > 1) {
                        shortestGap = Math.min(shortestGap, now - last);
                    }
                    last = now;
                }
            }
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(shortestGap);
        require(millis > EventsHandler.INTERVAL / 4, "two events came within %d ms: something holds them back", millis);
        return new Visitor.Finding(0, down, EVENTS + " events, one by one, at least " + millis + " ms apart");
    }
}
