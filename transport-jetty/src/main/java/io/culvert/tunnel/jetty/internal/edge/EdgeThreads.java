package io.culvert.tunnel.jetty.internal.edge;

import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The relay's threads. After an answer Jetty dispatches its connection to look for the next request, as a handler might block. Handlers of
 * the edge do not; so that runs at once, which spares a change of threads for every request.
 */
final class EdgeThreads extends QueuedThreadPool {
    private static final String NAME = "culvert-relay";
    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 4;

    EdgeThreads() {
        super(MAX_THREADS, MIN_THREADS);
        setName(NAME);
        setDaemon(true);
    }

    @Override
    public void execute(Runnable job) {
        if (job instanceof ConnectionMetaData && isRunning()) {
            job.run();
        } else {
            super.execute(job);
        }
    }
}
