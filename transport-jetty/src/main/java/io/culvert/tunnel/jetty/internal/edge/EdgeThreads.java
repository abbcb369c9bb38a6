package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.jetty.internal.io.RoleThreads;
import org.eclipse.jetty.server.ConnectionMetaData;

/**
 * The relay's threads. After an answer Jetty dispatches its connection to look for the next request, as a handler might block. Handlers of
 * the edge do not; so that runs at once, which spares a change of threads for every request.
 */
final class EdgeThreads extends RoleThreads {
    private static final String NAME = "culvert-relay";
    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 4;

    EdgeThreads() {
        super(NAME, MAX_THREADS, MIN_THREADS);
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
