package io.culvert.tunnel.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads of a test that read and write at the same time. Closing waits for all of them and passes on the first failure. */
final class Workers implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "contract-worker");
        thread.setDaemon(true);
        return thread;
    });
    private final List<CompletableFuture<Void>> running = new ArrayList<>();

    /** Something that a test does. */
    interface Work {
        void run() throws Exception;
    }

    CompletableFuture<Void> run(Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        running.add(done);
        return done;
    }

    @Override
    public void close() {
        try {
            running.forEach(StreamProbe::await);
        } finally {
            threads.shutdownNow();
        }
    }
}
