package io.culvert.tunnel.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What the figures depend on.
 *
 * @param date the day, UTC
 * @param commit what was measured, if the launcher said
 * @param cpu the processor's model and the number of cores
 * @param memory the machine's memory
 * @param system the operating system
 * @param java the JVM
 * @param load what else ran as the benchmarks began: the one-minute load average
 */
public record MachineFacts(
        String date, String commit, String cpu, String memory, String system, String java, String load) {
    private static final String UNKNOWN = "unknown";

    /** As they are. */
    public static MachineFacts now() {
        return new MachineFacts(
                LocalDate.now(ZoneOffset.UTC).toString(),
                System.getProperty("benchmark.commit", UNKNOWN),
                fromProc("cpuinfo", "model name") + ", " + Runtime.getRuntime().availableProcessors() + " cores",
                totalMemory(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                String.format(
                        Locale.ROOT,
                        "%.2f",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    }

    private static String totalMemory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? String.format(Locale.ROOT, "%.1f GiB", system.getTotalMemorySize() / (double) (1 << 30))
                : UNKNOWN;
    }

    private static String fromProc(String file, String key) {
        Path path = Path.of("/proc", file);
        if (!Files.isReadable(path)) {
            return UNKNOWN;
        }
        try (Stream<String> lines = Files.lines(path)) {
            return lines.filter(line -> line.startsWith(key))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .orElse(UNKNOWN);
        } catch (IOException x) {
            return UNKNOWN + " (" + x.getMessage() + ")";
        }
    }
}
