package io.culvert.tunnel.benchmarks;

import io.culvert.tunnel.jetty.internal.io.CopyBuffers;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Finds buffers that tunnels of this process leave behind: those that were not given back, and direct memory that is never freed. */
public final class BuffersLeft {
    private static final BufferPoolMXBean DIRECT = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();

    private final long before = DIRECT.getMemoryUsed();

    /** Takes down how much direct memory there is. */
    public BuffersLeft() {}

    /**
     * Waits until every buffer that bytes are copied through is given back: once no tunnel is open in this process.
     *
     * @throws IllegalStateException if one is not
     */
    static void checkReturned(long patienceMillis) throws InterruptedException {
        long held = await(CopyBuffers.PROCESS::held, 0, () -> {}, patienceMillis);
        if (held > 0) {
            throw new IllegalStateException(
                    "The tunnel is closed and " + held + " bytes of its buffers were not given back.");
        }
    }

    /**
     * Waits for that, and until direct memory is as small as before. Only where nothing but the tunnel uses direct memory, which threads that read
     * and write sockets do.
     *
     * @throws IllegalStateException if something is left
     */
    public void check(long patienceMillis) throws InterruptedException {
        checkReturned(patienceMillis);
        long used = await(DIRECT::getMemoryUsed, before, System::gc, patienceMillis);
        if (used > before) {
            throw new IllegalStateException("The tunnel is closed and holds " + (used - before)
                    + " bytes of direct memory in " + DIRECT.getCount() + " buffers.");
        }
    }

    private static long await(LongSupplier value, long atMost, Runnable help, long patienceMillis)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (value.getAsLong() > atMost && System.nanoTime() < deadline) {
            help.run();
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return value.getAsLong();
    }
}
