package io.culvert.tunnel.cli.shell;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The wish from outside that a command ends: a signal, or a test's. Thread-safe. */
public final class Stop {
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private final CompletableFuture<Void> requested = new CompletableFuture<>();
    private volatile Duration patience = MARGIN;
    private volatile Runnable lastWords = () -> {};

    /** Asks to end. Doing it again changes nothing. */
    public void request() {
        requested.complete(null);
    }

    /** Waits until the end is asked for. */
    public void await() {
        requested.join();
    }

    /**
     * Waits until a stage completes or the end is asked for, whatever comes first.
     *
     * @return whether the stage completed; false if the end was asked for
     * @throws RuntimeException what the stage failed with, unless the end was asked for
     */
    public boolean await(CompletableFuture<?> stage) {
        try {
            CompletableFuture.anyOf(requested, stage).join();
        } catch (CompletionException x) {
            if (!requested.isDone()) {
                throw x.getCause() instanceof RuntimeException cause ? cause : x;
            }
        }
        return !requested.isDone();
    }

    /** Tells how long open streams may take to finish once the end is asked for. */
    public void drainsWithin(Duration time) {
        patience = time.plus(MARGIN);
    }

    /** Names what has to be done before the process ends at once, without any more of its own ending. */
    public void lastWords(Runnable action) {
        lastWords = action;
    }

    Runnable lastWords() {
        return lastWords;
    }

    /** How long the process may take to end once it was asked to. */
    Duration patience() {
        return patience;
    }
}
