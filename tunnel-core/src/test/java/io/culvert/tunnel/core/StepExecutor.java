package io.culvert.tunnel.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** Runs tasks when the test says so, on its thread; so that the same steps always have the same outcome. */
public final class StepExecutor implements Executor {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean atOnce;

    @Override
    public void execute(Runnable task) {
        if (atOnce) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    /** Runs the task that waits longest, if any. */
    public void runOne() {
        if (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /** Runs all that wait, and what they bring. */
    public void runAll() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /** From now on nothing waits, for callers who would wait for it. */
    void runAtOnce() {
        runAll();
        atOnce = true;
    }
}
