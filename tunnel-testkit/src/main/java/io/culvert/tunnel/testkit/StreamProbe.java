package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One end of a stream in the hands of a test: waits where the stream would call back, but never for ever. At most one thread reads
 * and at most one writes, as with the stream itself.
 */
public final class StreamProbe {
    private static final long PATIENCE_SECONDS = 20;

    private final DataStream stream;
    private final CompletableFuture<Optional<Throwable>> closed = new CompletableFuture<>();
    private final AtomicInteger closings = new AtomicInteger();

    /** Takes the stream over; nobody else may register a listener for its end. */
    public StreamProbe(DataStream stream) {
        this.stream = stream;
        stream.onClosed(outcome -> {
            closings.incrementAndGet();
            closed.complete(Optional.ofNullable(outcome));
        });
    }

    /** The stream itself. */
    public DataStream stream() {
        return stream;
    }

    /** Completes with why the stream is over, or nothing after an orderly end. */
    public CompletableFuture<Optional<Throwable>> closed() {
        return closed;
    }

    /** How often the end was told. */
    public int closings() {
        return closings.get();
    }

    /** Starts a write. */
    public CompletableFuture<Void> write(ByteBuffer source) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        stream.write(source, new Completion() {
            @Override
            public void succeeded() {
                if (!done.complete(null)) {
                    throw new IllegalStateException("A completion was called twice.");
                }
            }

            @Override
            public void failed(Throwable cause) {
                if (!done.completeExceptionally(cause)) {
                    throw new IllegalStateException("A completion was called twice.", cause);
                }
            }
        });
        return done;
    }

    /** Writes and waits for the completion. */
    public void write(byte[] bytes) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        await(write(source));
        assertEquals(source.limit(), source.position(), "A completed write leaves the position at the limit.");
    }

    /** Reads what comes next; waits for it. */
    public int read(ByteBuffer target) throws IOException {
        int count = stream.read(target);
        while (count == 0) {
            CountDownLatch readable = new CountDownLatch(1);
            stream.onReadable(readable::countDown);
            try {
                if (!readable.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("Stream " + stream.id() + " did not become readable.");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("Interrupted while reading.", e);
            }
            count = stream.read(target);
        }
        return count;
    }

    /** Reads exactly so many bytes. */
    public byte[] readBytes(int count) {
        ByteBuffer target = ByteBuffer.allocate(count);
        while (target.hasRemaining()) {
            if (readChecked(target) < 0) {
                throw new AssertionError(
                        "Stream " + stream.id() + " ended " + target.remaining() + " bytes too early.");
            }
        }
        return target.array();
    }

    /** Reads until the peer's end. */
    public byte[] readToEnd() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer target = ByteBuffer.allocate(8192);
        while (readChecked(target) >= 0) {
            all.write(target.array(), 0, target.position());
            target.clear();
        }
        return all.toByteArray();
    }

    /** The peer's end must be what comes next. */
    public void expectEnd() {
        assertEquals(-1, readChecked(ByteBuffer.allocate(1)), "The peer's end should come next.");
    }

    /** Reads on until the stream throws; an end before that is a failure of the test. */
    public StreamException expectReset() {
        return assertThrows(StreamException.class, () -> {
            ByteBuffer target = ByteBuffer.allocate(8192);
            while (read(target) >= 0) {
                target.clear();
            }
            throw new AssertionError("A reset was taken for an end.");
        });
    }

    /** As {@link #expectReset()}, with that error. */
    public void expectReset(TunnelError error) {
        assertEquals(error, expectReset().error());
    }

    /** The stream must be over in order. */
    public void expectClosed() {
        assertEquals(Optional.empty(), await(closed));
    }

    /** The stream must be over with a failure; returns it. */
    public Throwable expectFailed() {
        return await(closed).orElseThrow(() -> new AssertionError("A reset was reported as an orderly end."));
    }

    /** Waits for a result, but not for ever; a failure of the future is thrown as an AssertionError with its cause. */
    public static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("Failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("Nothing happened for " + PATIENCE_SECONDS + " s.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted.", e);
        }
    }

    /** Waits for the failure of a future; its success fails the test. */
    public static Throwable awaitFailure(CompletableFuture<?> future) {
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        return failure.getCause();
    }

    private int readChecked(ByteBuffer target) {
        try {
            return read(target);
        } catch (IOException e) {
            throw new AssertionError("Stream " + stream.id() + " failed: " + e.getMessage(), e);
        }
    }
}
