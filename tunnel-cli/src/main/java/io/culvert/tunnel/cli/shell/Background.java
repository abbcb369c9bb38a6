package io.culvert.tunnel.cli.shell;

import java.util.concurrent.CompletableFuture;

/** Work beside the thread that waits for the end to be asked for. */
public final class Background {
    private Background() {}

    /** Work that may block, be interrupted and fail. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws Exception;
    }

    /** Starts work on a daemon thread of its own; the future fails with what the work throws. */
    public static CompletableFuture<Void> run(String thread, Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread runner = new Thread(
                () -> {
                    try {
                        work.run();
                        done.complete(null);
                    } catch (Exception x) {
                        done.completeExceptionally(x);
                    }
                },
                thread);
        runner.setDaemon(true);
        runner.start();
        return done;
    }
}
