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
import java.util.ArrayList;
import java.util.List;
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
        List<Long> gaps = new ArrayList<>();
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
                        gaps.add(now - last);
                    }
                    last = now;
                }
            }
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(median(gaps));
        require(
                millis > EventsHandler.INTERVAL / 4,
                "most events came within %d ms: something holds them back",
                millis);
        return new Visitor.Finding(0, down, EVENTS + " events, one by one, about " + millis + " ms apart");
    }

    /** One event that is late makes one gap short, which says nothing; a way that collects events makes most of them so. */
    static long median(List<Long> gaps) {
        return gaps.stream().sorted().skip(gaps.size() / 2).findFirst().orElseThrow();
    }
}
