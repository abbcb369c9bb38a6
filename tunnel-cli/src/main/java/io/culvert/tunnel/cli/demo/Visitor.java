package io.culvert.tunnel.cli.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Uses the application at a public URL as any visitor with the JDK's own HTTP client would, and looks closely at the answers. */
final class Visitor {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What a check found when nothing was wrong; it throws {@link AssertionError} otherwise. */
    record Finding(long up, long down, String note) {}

    private final URI base;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    Visitor(URI base) {
        this.base = base;
    }

    /** Does one thing after another. A failure is an outcome and ends nothing. */
    List<Outcome> visit() throws InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        outcomes.add(attempt("GET /", new PageCheck(client, base)));
        outcomes.add(attempt("GET /status", new StatusCheck(client, base)));
        outcomes.add(attempt("POST /upload", new UploadCheck(client, base)));
        outcomes.add(attempt("GET /events", new EventsCheck(client, base)));
        outcomes.add(attempt("WebSocket /chat", new ChatCheck(client, base)));
        return outcomes;
    }

    private static Outcome attempt(String what, Callable<Finding> check) throws InterruptedException {
        FutureTask<Finding> task = new FutureTask<>(check);
        Thread thread = new Thread(task, "culvert-demo-visitor");
        thread.setDaemon(true);
        long start = System.nanoTime();
        thread.start();
        try {
            Finding found = task.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return new Outcome(what, true, found.up, found.down, since(start), found.note);
        } catch (ExecutionException x) {
            Throwable cause = x.getCause();
            String why = cause instanceof AssertionError ? cause.getMessage() : cause.toString();
            return new Outcome(what, false, 0, 0, since(start), why);
        } catch (TimeoutException x) {
            task.cancel(true);
            return new Outcome(what, false, 0, 0, since(start), "not done within " + PATIENCE.toSeconds() + " s");
        }
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Fails a check unless something holds. */
    static void require(boolean holds, String complaint, Object... details) {
        if (!holds) {
            throw new AssertionError(complaint.formatted(details));
        }
    }
}
