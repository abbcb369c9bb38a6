package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What stood in this JVM at one moment, to compare with later. */
final class Leaks {
    /** Threads of the JDK and of test tools that stay, or come and go by themselves. */
    private static final List<String> OTHERS =
            List.of("HttpClient-", "Keep-Alive-", "ForkJoinPool", "awaitility", "Common-Cleaner", "process reaper");

    private final Set<Thread> threads = Thread.getAllStackTraces().keySet();
    private final long descriptors = descriptors();

    private Leaks() {}

    static Leaks from() {
        return new Leaks();
    }

    /** Waits until no thread that came since is left, and at most that many more descriptors are open. */
    void assertNone(int descriptorsAllowed) {
        assertNone(descriptorsAllowed, "none");
    }

    /** The same where a pool of threads that stays may have grown; its threads' names begin so. */
    void assertNone(int descriptorsAllowed, String pool) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(newThreads()).noneMatch(thread -> !thread.getName().startsWith(pool));
            assertThat(descriptors()).isLessThanOrEqualTo(descriptors + descriptorsAllowed);
        });
    }

    List<Thread> newThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !threads.contains(thread))
                .filter(thread -> OTHERS.stream().noneMatch(thread.getName()::contains))
                .toList();
    }

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }
}
