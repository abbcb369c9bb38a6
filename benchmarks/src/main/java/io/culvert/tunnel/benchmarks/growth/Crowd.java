package io.culvert.tunnel.benchmarks.growth;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Visitors who come together, do the same and leave together. What is not said to be for any thread happens on the loop's. */
final class Crowd {
    private static final long PATIENCE_SECONDS = 60;

    /** More at once would be in each other's way before anything is measured. */
    private static final int OPENING_AT_ONCE = 32;

    final Loop loop;
    final InetSocketAddress address;
    private final int size;
    private final Maker maker;
    private final List<LoadVisitor> visitors = new ArrayList<>();
    private final CompletableFuture<Void> here = new CompletableFuture<>();
    private final CompletableFuture<Void> allServed = new CompletableFuture<>();
    private int open;
    private int served;
    private int errors;
    private IOException firstError;
    private long[] nanos = new long[1 << 16];
    private int samples;
    private volatile boolean measuring;
    private volatile long done;
    private volatile long bytes;

    /** Makes the visitor of a number, from 0. */
    interface Maker {
        LoadVisitor make(Crowd crowd, SocketChannel channel, int number) throws IOException;
    }

    Crowd(Loop loop, InetSocketAddress address, int size, Maker maker) {
        this.loop = loop;
        this.address = address;
        this.size = size;
        this.maker = maker;
    }

    /** Has all of them come, and start to work once the last is there; waits until each was served. From any thread. */
    void open() throws InterruptedException {
        loop.execute(() -> {
            for (int i = 0; i < Math.min(size, OPENING_AT_ONCE); i++) {
                next();
            }
        });
        await(here, "came");
        await(allServed, "were served");
    }

    private void next() {
        try {
            LoadVisitor visitor = maker.make(this, SocketChannel.open(), visitors.size());
            visitors.add(visitor);
            visitor.open();
        } catch (IOException x) {
            broke(x);
        }
    }

    void opened() {
        open++;
        if (visitors.size() < size) {
            next();
        } else if (open == size) {
            loop.execute(this::start);
        }
    }

    private void start() {
        for (LoadVisitor visitor : visitors) {
            try {
                visitor.start();
            } catch (IOException x) {
                visitor.fail(x);
            }
        }
        here.complete(null);
    }

    /** One of them got or sent its first message. */
    void firstServed() {
        served++;
        if (served == size) {
            allServed.complete(null);
        }
    }

    void broke(IOException cause) {
        errors++;
        firstError = firstError == null ? cause : firstError;
        here.completeExceptionally(firstError);
        allServed.completeExceptionally(firstError);
    }

    /** An answer or a message is back. */
    void done(long count, long elapsed) {
        done++;
        bytes += count;
        if (measuring) {
            if (samples == nanos.length) {
                nanos = Arrays.copyOf(nanos, samples * 2);
            }
            nanos[samples++] = elapsed;
        }
    }

    /** Bytes came that nobody waits for. */
    void passed(long count) {
        bytes += count;
    }

    /** Answers and messages that are back so far. From any thread. */
    long done() {
        return done;
    }

    /** Bytes of payload that came back so far. From any thread. */
    long bytes() {
        return bytes;
    }

    /** Whether times are kept. From any thread. */
    void measuring(boolean on) {
        measuring = on;
    }

    /**
     * Has all of them leave. From any thread.
     *
     * @return the times that were kept, in nanoseconds, sorted
     * @throws IllegalStateException if something went wrong with one of them
     */
    long[] close() throws InterruptedException {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        loop.execute(() -> {
            visitors.forEach(LoadVisitor::close);
            gone.complete(null);
        });
        await(gone, "left");
        if (errors > 0) {
            throw new IllegalStateException(errors + " of " + size + " visitors failed.", firstError);
        }
        long[] sorted = Arrays.copyOf(nanos, samples);
        Arrays.sort(sorted);
        return sorted;
    }

    private void await(CompletableFuture<Void> event, String what) throws InterruptedException {
        try {
            event.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException x) {
            throw new IllegalStateException("A visitor of " + size + " failed.", x.getCause());
        } catch (TimeoutException x) {
            loop.check();
            throw new IllegalStateException(
                    "Not all of " + size + " visitors " + what + " within " + PATIENCE_SECONDS + " s.", x);
        }
    }
}
