package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.core.internal.Awaiting;
import io.culvert.tunnel.core.internal.SerialExecutor;
import io.culvert.tunnel.core.net.StreamDecoder;
import io.culvert.tunnel.core.net.StreamMeter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies what passes through an agent's streams for decoders, which run one at a time on another thread. Copies that wait are bounded: a
 * stream that would exceed the bound is cut instead of held.
 */
final class CaptureTee {
    /** What a copy takes beside its bytes, so that many tiny ones are bounded as well. */
    static final int OVERHEAD = 128;

    private final SerialExecutor decoding;
    private final LongSupplier nanoTime;
    private final long maxPending;
    private final AtomicLong pending = new AtomicLong();

    /**
     * A tee for all streams of an agent.
     *
     * @param maxPending bytes that may wait
     */
    CaptureTee(Executor executor, LongSupplier nanoTime, long maxPending) {
        this.decoding = SerialExecutor.on(executor);
        this.nanoTime = nanoTime;
        this.maxPending = maxPending;
    }

    /** A meter that shows one stream's bytes to a decoder and then counts them on another meter. */
    Tap tap(StreamDecoder decoder, StreamMeter counted) {
        return new Tap(decoder, counted);
    }

    /** Waits until decoders know what passed so far, for a time; does nothing on the thread that tells them. */
    void flush(Duration atMost) {
        if (!decoding.isInside()) {
            CompletableFuture<Void> flushed = new CompletableFuture<>();
            decoding.execute(() -> flushed.complete(null));
            Awaiting.done(flushed, atMost);
        }
    }

    /** One stream's. */
    final class Tap implements StreamMeter {
        private final StreamDecoder decoder;
        private final StreamMeter counted;
        private final AtomicBoolean over = new AtomicBoolean();

        private Tap(StreamDecoder decoder, StreamMeter counted) {
            this.decoder = decoder;
            this.counted = counted;
        }

        @Override
        public void bytes(Direction direction, long count) {
            counted.bytes(direction, count);
        }

        @Override
        public void passing(Direction direction, ByteBuffer bytes) {
            copy(direction, bytes);
            counted.passing(direction, bytes);
        }

        private void copy(Direction direction, ByteBuffer bytes) {
            int size = bytes.remaining();
            if (size == 0 || over.get()) {
                return;
            }
            int cost = size + OVERHEAD;
            if (pending.addAndGet(cost) > maxPending) {
                pending.addAndGet(-cost);
                if (over.compareAndSet(false, true)) {
                    decoding.execute(decoder::cut);
                }
                return;
            }
            byte[] copied = new byte[size];
            bytes.get(bytes.position(), copied);
            long now = nanoTime.getAsLong();
            decoding.execute(() -> {
                try {
                    decoder.bytes(direction, ByteBuffer.wrap(copied), now);
                } finally {
                    pending.addAndGet(-cost);
                }
            });
        }

        /** The stream is over. Once. */
        void closed(@Nullable Throwable cause) {
            over.set(true);
            long now = nanoTime.getAsLong();
            decoding.execute(() -> decoder.closed(cause, now));
        }
    }
}
