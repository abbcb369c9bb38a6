package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The relay's end of a stream, with what the faults in force do to it. Without faults bytes pass at once and unbuffered, but for a request's
 * head while there are faults for requests.
 */
final class FaultStream implements DataStream {
    private final DataStream stream;
    private final ScheduledExecutorService scheduler;
    private final Rules rules;
    private final Mine mine;
    private final UpLane up;
    private final DownLane down;
    private final Runnable onChange;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private final Object lock = new Object();
    private @Nullable StreamException failure; // guarded by lock
    private @Nullable Rule swallower; // took bytes that nobody will have; guarded by lock
    private @Nullable Consumer<@Nullable Throwable> listener; // guarded by lock
    private @Nullable Throwable reason; // why it is over; guarded by lock
    private boolean left; // its user saw the end, or wants nothing more; guarded by lock

    FaultStream(DataStream stream, Subject subject, Rules rules, ScheduledExecutorService scheduler) {
        this.stream = stream;
        this.scheduler = scheduler;
        this.rules = rules;
        this.mine = new Mine(rules, subject);
        this.up = new UpLane(this, stream, rules, mine);
        this.down = new DownLane(this, stream, rules, mine);
        this.onChange = this::changed;
    }

    /** Begins to hear of changes, until its user saw the end of the stream. When that is over, {@code gone} is run. */
    void begin(Runnable gone) {
        rules.listen(onChange);
        stream.onClosed(cause -> {
            gone.run();
            Consumer<@Nullable Throwable> told;
            synchronized (lock) {
                reason = failure != null ? failure : cause;
                told = listener;
                if (failure == null && cause != null) {
                    failure = cause instanceof StreamException s
                            ? s
                            : new StreamException(StreamException.errorOf(cause), "Stream " + id() + " failed.", cause);
                }
            }
            over.complete(null);
            forgetIfLeft();
            if (told != null) {
                told.accept(reason);
            }
            onChange.run(); // whoever waits learns of a failure
        });
    }

    /** The stream may be over before its reader knows, as a fault holds the end back: then it still matters when that is lifted. */
    private void forgetIfLeft() {
        boolean needless;
        synchronized (lock) {
            needless = over.isDone() && (left || failure != null);
        }
        if (needless) {
            rules.forget(onChange);
        }
    }

    /** The reader saw the end, or there is no reader any more. */
    void left() {
        synchronized (lock) {
            left = true;
        }
        forgetIfLeft();
    }

    private void changed() {
        Rule lifted;
        synchronized (lock) {
            lifted = swallower != null && swallower.isLifted() && failure == null ? swallower : null;
        }
        if (lifted != null) {
            cut(TunnelError.RESET, lifted);
            return;
        }
        up.run();
        down.run();
    }

    /** Bytes were swallowed: the stream cannot go on when the fault is lifted. */
    void swallowed(Rule by) {
        synchronized (lock) {
            swallower = by;
        }
    }

    Subject subject() {
        return mine.subject();
    }

    /** Completes when the stream is over. */
    CompletableFuture<Void> over() {
        return over;
    }

    /** A request begins on it. */
    void requestBegins() {
        down.answerBegins();
    }

    /** A fault aborts the stream: both sides see that error. */
    StreamException cut(TunnelError error, Rule rule) {
        StreamException cause =
                new StreamException(error, "A fault of the test ended stream " + id() + ": " + rule + ".");
        StreamException first = failed(cause);
        stream.reset(first);
        forgetIfLeft();
        onChange.run();
        return first;
    }

    /** The first failure stays. */
    private StreamException failed(StreamException cause) {
        synchronized (lock) {
            if (failure == null) {
                failure = cause;
            }
            return failure;
        }
    }

    /** Why it cannot be used any more, if so. */
    @Nullable
    StreamException failure() {
        synchronized (lock) {
            return failure;
        }
    }

    /** Runs a lane again after a time, or when the faults change. */
    void later(Runnable lane, long nanos) {
        if (nanos != Gate.FOREVER && !scheduler.isShutdown()) {
            scheduler.schedule(lane, nanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public String id() {
        return stream.id();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return down.read(target);
    }

    @Override
    public void onReadable(Runnable callback) {
        down.onReadable(callback);
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        up.write(source, completion);
    }

    @Override
    public void end() {
        up.end();
    }

    @Override
    public void close() {
        stream.close();
        left();
        onChange.run();
    }

    @Override
    public void reset(Throwable cause) {
        failed(
                cause instanceof StreamException s
                        ? s
                        : new StreamException(StreamException.errorOf(cause), "Stream " + id() + " was reset.", cause));
        stream.reset(cause);
        forgetIfLeft();
        onChange.run();
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> told) {
        Throwable cause;
        synchronized (lock) {
            if (!over.isDone()) {
                listener = told;
                return;
            }
            cause = reason;
        }
        told.accept(cause);
    }

    @Override
    public String toString() {
        return "FaultStream[" + stream + "]";
    }
}
