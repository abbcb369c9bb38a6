package io.culvert.tunnel.e2e;

import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A relay or an agent in a process of its own that has 64 MiB of heap, and as much direct memory; it tells what it uses when asked. */
final class SmallHeapMain {
    private SmallHeapMain() {}

    /** A relay with the domain {@code example.test} and so many connections at most, or as many as it allows by default if 0. */
    static JavaProcess relay(TransportCase transport, int connections) throws Exception {
        return start("relay", 0, transport, connections);
    }

    /** An agent that exposes the port as {@code demo}. */
    static JavaProcess agent(int relayPort, TransportCase transport, int port) throws Exception {
        return start("agent", relayPort, transport, port);
    }

    private static JavaProcess start(String role, int relayPort, TransportCase transport, int number) throws Exception {
        return JavaProcess.start(List.of(
                "-Xmx64m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                JavaProcess.classPath(),
                SmallHeapMain.class.getName(),
                role,
                String.valueOf(relayPort),
                transport.name(),
                String.valueOf(number)));
    }

    /**
     * What a process uses.
     *
     * @param heap bytes of heap that are in use after a collection
     * @param direct bytes of direct memory
     * @param resident KiB of memory, the most so far
     */
    record Figures(long heap, long direct, long resident, int sockets, int threads) {
        static Figures of(JavaProcess process) throws IOException {
            process.say("figures");
            String[] words = process.line().split(" ");
            return new Figures(
                    Long.parseLong(words[0]),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Integer.parseInt(words[3]),
                    Integer.parseInt(words[4]));
        }

        @Override
        public String toString() {
            return "heap after GC %.1f MiB, direct %.1f MiB, resident at most %d MiB, %d sockets, %d threads"
                    .formatted(heap / 1048576.0, direct / 1048576.0, resident / 1024, sockets, threads);
        }
    }

    public static void main(String[] args) throws Exception {
        int relayPort = Integer.parseInt(args[1]);
        TransportCase transport = TransportCase.valueOf(args[2]);
        if (args[0].equals("relay")) {
            TunnelRelay.Builder builder = TunnelRelay.builder().domain("example.test");
            transport.on(builder);
            int connections = Integer.parseInt(args[3]);
            if (connections > 0) {
                builder.limits(limits -> limits.connections(connections));
            }
            System.out.println(builder.start().port());
        } else {
            TunnelAgent.Builder builder = TunnelAgent.builder().relay(URI.create("ws://127.0.0.1:" + relayPort));
            transport.on(builder);
            System.out.println(builder.build()
                    .expose(TunnelSpec.builder(Integer.parseInt(args[3]))
                            .name("demo")
                            .build())
                    .publicUrl());
        }
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (questions.readLine() != null) {
            System.out.println(figures());
        }
        System.exit(0);
    }

    private static String figures() throws InterruptedException {
        System.gc();
        Thread.sleep(300); // for the thread that gives direct memory back which nobody refers to any more
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + " " + direct + " " + resident()
                + " " + sockets() + " " + ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long resident() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private static long sockets() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(SmallHeapMain::isSocket).count();
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException x) {
            return false; // closed meanwhile
        }
    }
}
