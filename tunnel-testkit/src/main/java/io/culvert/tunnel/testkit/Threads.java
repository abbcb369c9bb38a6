package io.culvert.tunnel.testkit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which threads a test left behind. */
final class Threads {
    /** Beginnings of the names of threads that the JVM or JUnit start once, when they like. */
    private static final List<String> SHARED = List.of(
            "ForkJoinPool.commonPool",
            "CompletableFutureDelayScheduler",
            "junit",
            "Attach",
            "process reaper",
            "Cleaner-");

    private Threads() {}

    static Set<Thread> alive() {
        return Thread.getAllStackTraces().keySet();
    }

    static Set<Thread> since(Set<Thread> before) {
        Set<Thread> left = new HashSet<>(alive());
        left.removeAll(before);
        left.removeIf(thread -> !thread.isAlive() || SHARED.stream().anyMatch(thread.getName()::startsWith));
        return left;
    }
}
