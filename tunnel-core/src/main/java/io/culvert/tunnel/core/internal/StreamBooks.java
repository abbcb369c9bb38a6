package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.ConnectionInfo;
import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.events.StreamEvent;
import io.culvert.tunnel.core.internal.events.StreamFailedEvent;
import io.culvert.tunnel.core.internal.stream.CreditWait;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One role's books: which streams are open, what went through them, and that each start that metrics hear of has its end. */
public final class StreamBooks {
    private static final Logger LOG = LoggerFactory.getLogger(StreamBooks.class);

    private final SafeMetrics metrics;
    private final LongSupplier nanoTime;
    private final Set<Entry> open = ConcurrentHashMap.newKeySet();

    /** Empty books. */
    public StreamBooks(SafeMetrics metrics, LongSupplier nanoTime) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
    }

    /** Now, for {@link #opened}. */
    public long now() {
        return nanoTime.getAsLong();
    }

    /** A stream came to be that was wished for at the given time. Its entry must be {@linkplain Entry#closed closed}. */
    public Entry opened(String id, StreamInfo stream, Tally tally, long wantedAt) {
        long openedAt = now();
        Entry entry = new Entry(id, stream, tally, openedAt, Math.max(0, openedAt - wantedAt));
        open.add(entry);
        tally.opened();
        LOG.debug("Stream {} of {} opened", id, stream);
        metrics.streamOpened(stream, entry.openNanos);
        return entry;
    }

    /** A stream did not come to be. */
    public void failed(StreamInfo stream, Tally tally, TunnelError error) {
        tally.failed();
        LOG.debug("A stream of {} could not be opened: {}", stream, error.code());
        StreamFailedEvent.record(stream, error);
        metrics.streamFailed(stream, error);
    }

    /** Snapshots of the streams that are open. */
    public List<ConnectionInfo> connections() {
        long now = now();
        return open.stream().map(entry -> entry.snapshot(now)).toList();
    }

    /** One open stream. */
    public final class Entry implements StreamMeter {
        private final String id;
        private final StreamInfo stream;
        private final Tally tally;
        private final long openedAt;
        private final long openNanos;
        private final @Nullable StreamEvent event = StreamEvent.beginNow();
        private final LongAdder up = new LongAdder();
        private final LongAdder down = new LongAdder();
        private final AtomicBoolean closed = new AtomicBoolean();

        private Entry(String id, StreamInfo stream, Tally tally, long openedAt, long openNanos) {
            this.id = id;
            this.stream = stream;
            this.tally = tally;
            this.openedAt = openedAt;
            this.openNanos = openNanos;
        }

        @Override
        public void bytes(Direction direction, long count) {
            if (count < 1) {
                return;
            }
            (direction == Direction.UP ? up : down).add(count);
            tally.bytes(stream.kind(), direction, count);
            metrics.bytes(stream, direction, count);
        }

        /**
         * The stream is over; only the first call counts.
         *
         * @param cause as {@link DataStream#onClosed} tells it
         */
        public void closed(DataStream over, @Nullable Throwable cause) {
            boolean orderly = cause == null;
            if (closed.compareAndSet(false, true)) {
                open.remove(this);
                tally.closed();
                LOG.debug("Stream {} of {} {}", id, stream, orderly ? "ended" : "was reset");
                record(over, cause);
                metrics.streamClosed(stream, orderly);
            }
        }

        private void record(DataStream over, @Nullable Throwable cause) {
            if (event != null) {
                long waited =
                        over.unwrap(CreditWait.class).map(CreditWait::nanos).orElse(0L);
                String end =
                        cause == null ? "ended" : StreamException.errorOf(cause).code();
                event.over(id, stream, openNanos, up.sum(), down.sum(), waited, end);
            }
        }

        private ConnectionInfo snapshot(long now) {
            return new ConnectionInfo(id, stream, Duration.ofNanos(Math.max(0, now - openedAt)), up.sum(), down.sum());
        }
    }
}
