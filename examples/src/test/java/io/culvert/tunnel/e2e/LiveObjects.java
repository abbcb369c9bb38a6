package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.ObjectName;

/** How many objects of the classes that matter were alive in this JVM at one moment, to compare with later. */
final class LiveObjects {
    /** Ours, Jetty's, and what a timer, a socket or a direct buffer is made of. */
    private static final List<String> MATTER = List.of(
            "io.culvert.tunnel.",
            "org.eclipse.jetty.",
            "java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask",
            "sun.nio.ch.SocketChannelImpl",
            "sun.nio.ch.SelectionKeyImpl",
            "java.nio.DirectByteBuffer");

    /** Used ids of data connections: up to 1,024 are remembered for each session. */
    private static final String REMEMBERED = "io.culvert.tunnel.tcp.internal.Grant";

    private final Map<String, Long> counts = count();

    private LiveObjects() {}

    static LiveObjects now() {
        return new LiveObjects();
    }

    /** Waits, for less time than a drain may take by default, until there are at most so many more of each class. */
    void assertNoMore(long allowed) {
        await().atMost(Duration.ofSeconds(25))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    Map<String, Long> more = new TreeMap<>();
                    count().forEach((name, count) -> {
                        long growth = count - counts.getOrDefault(name, 0L);
                        if (growth > allowed) {
                            more.put(name, growth);
                        }
                    });
                    assertThat(more).as("classes with more objects than before").isEmpty();
                });
    }

    /** By class, after a collection. */
    private static Map<String, Long> count() {
        String histogram;
        try {
            histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException x) {
            throw new AssertionError(x);
        }
        Map<String, Long> counts = new TreeMap<>();
        for (String line : histogram.split("\n")) {
            String[] words = line.trim().split("\\s+"); // number, instances, bytes, class, module
            if (words.length > 3 && words[0].endsWith(":") && matters(words[3])) {
                counts.merge(words[3], Long.parseLong(words[1]), Long::sum);
            }
        }
        return counts;
    }

    private static boolean matters(String name) {
        return !name.equals(REMEMBERED) && MATTER.stream().anyMatch(name::startsWith);
    }
}
