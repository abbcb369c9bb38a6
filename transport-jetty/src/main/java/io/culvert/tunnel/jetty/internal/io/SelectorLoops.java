package io.culvert.tunnel.jetty.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.jspecify.annotations.Nullable;

/**
 * Selectors whose own threads open and close their connections. Jetty hands both to other threads, as connections may block then; those of
 * this module do not, and a change of threads costs more than what it is for. Thread-safe.
 */
final class SelectorLoops {
    private final List<Loop> loops = new CopyOnWriteArrayList<>();

    /** One more selector. */
    ManagedSelector add(SelectorManager manager, int id) {
        loops.removeIf(loop -> !loop.isRunning());
        Loop added = new Loop(manager, id);
        loops.add(added);
        return added;
    }

    /**
     * Runs a task of Jetty's that opens or closes a connection between two events of the selector whose thread calls.
     *
     * @return false for other tasks and other threads: the task has to run elsewhere
     */
    boolean runSoon(Runnable task) {
        if (task instanceof Closeable) { // as all that open or close connections are; what runs the selectors is not
            Thread me = Thread.currentThread();
            for (Loop loop : loops) {
                if (loop.thread == me && loop.isRunning()) {
                    loop.submit(selector -> task.run());
                    return true;
                }
            }
        }
        return false;
    }

    private static final class Loop extends ManagedSelector {
        /** Who looked for events last, and so is the one that runs what was found, as long as nothing there blocks. */
        private volatile @Nullable Thread thread;

        private Loop(SelectorManager manager, int id) {
            super(manager, id);
        }

        @Override
        protected int select(Selector selector) throws IOException {
            Thread me = Thread.currentThread();
            if (thread != me) {
                thread = me;
            }
            return super.select(selector);
        }
    }
}
