package io.culvert.tunnel.cli.bench;

import io.culvert.tunnel.cli.probe.EchoSocket;
import io.culvert.tunnel.cli.probe.ProbeVisitor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What is done to one visitor's way, again and again, and what was measured of it so far. For one thread; it uses others. */
final class Workload implements AutoCloseable {
    static final int SMALL = 1024;
    static final int AT_A_TIME = 8;

    private static final Duration REQUESTS = Duration.ofMillis(500);
    private static final Duration ECHOES = Duration.ofMillis(300);
    private static final Duration BULK = Duration.ofMillis(400);
    private static final ByteBuffer BLOCK = ByteBuffer.allocateDirect(64 * 1024).asReadOnlyBuffer();
    private static final int MAX_BLOCKS = 512;

    /** How long one transfer should take at least, so that its beginning does not count much. */
    private static final long LONG_ENOUGH_NANOS = Duration.ofMillis(100).toNanos();

    private final ProbeVisitor visitor;
    private final ExecutorService visitors = Executors.newFixedThreadPool(AT_A_TIME, work -> {
        Thread thread = new Thread(work, "culvert-bench");
        thread.setDaemon(true);
        return thread;
    });

    private final List<Double> requestRates = new ArrayList<>();
    private final Samples requestTimes = new Samples();
    private final Samples echoTimes = new Samples();
    private final List<Double> downRates = new ArrayList<>();
    private final List<Double> upRates = new ArrayList<>();
    private int blocks = 1;

    Workload(ProbeVisitor visitor) {
        this.visitor = visitor;
    }

    /** How long one round takes, about. */
    static Duration roundTime() {
        return REQUESTS.plus(ECHOES).plus(BULK).plus(BULK);
    }

    /** One round of everything. */
    void round(boolean counts) throws IOException, InterruptedException {
        requests(counts);
        echoes(counts);
        double down = bulk(() -> visitor.download((long) blocks * BLOCK.capacity()));
        double up = bulk(() -> visitor.upload(BLOCK, blocks));
        if (counts) {
            downRates.add(down);
            upRates.add(up);
        }
    }

    private void requests(boolean counts) throws IOException {
        long start = System.nanoTime();
        long end = start + REQUESTS.toNanos();
        List<CompletableFuture<Samples>> running = new ArrayList<>();
        for (int i = 0; i < AT_A_TIME; i++) {
            running.add(CompletableFuture.supplyAsync(() -> requestsUntil(end), visitors));
        }
        Samples all = new Samples();
        try {
            running.forEach(one -> all.addAll(one.join()));
        } catch (CompletionException x) {
            throw x.getCause() instanceof Broken broken ? broken.cause : new IOException(x.getCause());
        }
        if (counts) {
            requestRates.add(all.count() * 1e9 / (System.nanoTime() - start));
            requestTimes.addAll(all);
        }
    }

    private Samples requestsUntil(long end) {
        Samples samples = new Samples();
        try {
            do {
                samples.add(visitor.get(SMALL));
            } while (System.nanoTime() < end);
        } catch (IOException x) {
            throw new Broken(x);
        } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
        }
        return samples;
    }

    private void echoes(boolean counts) throws IOException, InterruptedException {
        ByteBuffer message = ByteBuffer.allocate(SMALL);
        long end = System.nanoTime() + ECHOES.toNanos();
        try (EchoSocket socket = visitor.socket()) {
            do {
                long nanos = socket.roundTrip(message);
                if (counts) {
                    echoTimes.add(nanos);
                }
            } while (System.nanoTime() < end);
        }
    }

    /** Moves many bytes and gives their rate; takes more at a time as long as that is over quickly. */
    private double bulk(Transfer transfer) throws IOException, InterruptedException {
        long end = System.nanoTime() + BULK.toNanos();
        long bytes = 0;
        long nanos = 0;
        do {
            long size = (long) blocks * BLOCK.capacity();
            long took = transfer.run();
            bytes += size;
            nanos += took;
            if (took < LONG_ENOUGH_NANOS && blocks < MAX_BLOCKS) {
                blocks *= 2;
            }
        } while (System.nanoTime() < end);
        return bytes * 1e9 / nanos;
    }

    @FunctionalInterface
    private interface Transfer {
        long run() throws IOException, InterruptedException;
    }

    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient IOException cause;

        Broken(IOException cause) {
            super(cause);
            this.cause = cause;
        }
    }

    /** What it comes to so far: medians of rounds, and times of all. */
    Result result(String way) {
        return new Result(
                way,
                Samples.median(requestRates),
                requestTimes.millis(0.5),
                requestTimes.millis(0.99),
                echoTimes.millis(0.5),
                echoTimes.millis(0.99),
                Samples.median(downRates),
                Samples.median(upRates));
    }

    @Override
    public void close() {
        visitors.shutdownNow();
        visitor.close();
    }
}
