package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StreamEndPointTest {
    private final FakeStream stream = new FakeStream();
    private final Queue<Runnable> dispatched = new ArrayDeque<>();
    private final StreamEndPoint endPoint =
            new StreamEndPoint(stream, new ScheduledExecutorScheduler("unused", true), dispatched::add);

    /** A stream whose writes end when the test says so. */
    private static final class FakeStream implements DataStream {
        final Queue<ByteBuffer> readable = new ArrayDeque<>();
        final List<String> calls = new ArrayList<>();
        final StringBuilder written = new StringBuilder();

        @Nullable
        Runnable onReadable;

        @Nullable
        Consumer<@Nullable Throwable> onClosed;

        @Nullable
        ByteBuffer source;

        @Nullable
        Completion completion;

        Executor completing = null;

        @Override
        public String id() {
            return "fake";
        }

        @Override
        public int read(ByteBuffer target) {
            ByteBuffer next = readable.poll();
            if (next == null) {
                return calls.contains("ended") ? -1 : 0;
            }
            int count = next.remaining();
            target.put(next);
            return count;
        }

        @Override
        public void onReadable(Runnable callback) {
            assertThat(onReadable).isNull();
            onReadable = callback;
        }

        void becomeReadable() {
            Runnable told = onReadable;
            onReadable = null;
            told.run();
        }

        @Override
        public void write(ByteBuffer from, Completion done) {
            assertThat(completion).as("one write at a time").isNull();
            if (completing != null) {
                completing.execute(() -> {
                    from.position(from.limit());
                    done.succeeded();
                });
                return;
            }
            source = from;
            completion = done;
        }

        void complete() {
            written.append(StandardCharsets.US_ASCII.decode(source));
            Completion done = completion;
            completion = null;
            done.succeeded();
        }

        void fail(Throwable cause) {
            Completion done = completion;
            completion = null;
            done.failed(cause);
        }

        @Override
        public void end() {
            calls.add("end");
        }

        @Override
        public void close() {
            calls.add("close");
        }

        @Override
        public void reset(Throwable cause) {
            calls.add("reset");
        }

        @Override
        public void onClosed(Consumer<@Nullable Throwable> listener) {
            onClosed = listener;
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private CompletableFuture<Void> write(String... texts) {
        Callback.Completable done = new Callback.Completable();
        ByteBuffer[] buffers = new ByteBuffer[texts.length];
        for (int i = 0; i < texts.length; i++) {
            buffers[i] = bytes(texts[i]);
        }
        endPoint.write(done, buffers);
        return done;
    }

    @Test
    void severalBuffersAreWrittenOneAfterTheOther() {
        CompletableFuture<Void> done = write("one ", "", "two ", "three");
        stream.complete();
        stream.complete();
        assertThat(done).isNotDone();
        stream.complete();
        assertThat(done).isCompleted();
        assertThat(stream.written).hasToString("one two three");
    }

    @Test
    void aWriteThatFailsFailsAllLaterOnes() {
        StreamException cause = new StreamException(TunnelError.LOCAL_REFUSED, "refused");
        CompletableFuture<Void> done = write("one", "two");
        stream.fail(cause);
        assertThat(done).failsWithin(1, TimeUnit.SECONDS).withThrowableThat().withCause(cause);
        assertThat(write("three"))
                .failsWithin(1, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCause(cause);
        assertThatThrownBy(() -> endPoint.fill(BufferUtil.allocate(10))).isSameAs(cause);
    }

    /** Until then the stream may still read the buffer, and its owner would use that for something else. */
    @Test
    void aCloseDuringAWriteIsToldWhenTheStreamIsDoneWithTheBuffer() {
        for (Throwable cause : new Throwable[] {new StreamException(TunnelError.CANCELLED, "given up"), null}) {
            FakeStream each = new FakeStream();
            StreamEndPoint closed =
                    new StreamEndPoint(each, new ScheduledExecutorScheduler("unused", true), Runnable::run);
            Callback.Completable done = new Callback.Completable();
            closed.write(done, bytes("under way"));
            closed.close(cause);
            assertThat(each.calls).containsExactly("reset"); // cut in the middle: never an end
            assertThat(done).isNotDone();
            each.fail(new IOException("reset"));
            assertThat(done).isCompletedExceptionally();
        }
    }

    /** A reader may look at any moment of a close: between its first and the one that says why there is a gap. */
    @Test
    void aReaderNeverTakesAnAbortForAnEnd() {
        List<Throwable> seen = new ArrayList<>();
        FakeStream cut = new FakeStream();
        StreamEndPoint reading =
                new StreamEndPoint(cut, new ScheduledExecutorScheduler("unused", true), Runnable::run) {
                    @Override
                    protected void doClose() {
                        look();
                    }

                    private void look() {
                        seen.add(catchThrowable(() -> fill(BufferUtil.allocate(10))));
                    }

                    @Override
                    public void onClose(@Nullable Throwable cause) {
                        super.onClose(cause);
                        look();
                    }
                };
        StreamException cause = new StreamException(TunnelError.RESET, "reset by the peer");
        cut.onClosed.accept(cause);
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0)).isInstanceOf(EofException.class);
        assertThat(seen.get(1)).isSameAs(cause);
    }

    @Test
    void completionsFromAnotherThreadAreNeverMissed() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            stream.completing = other;
            for (int i = 0; i < 20_000; i++) {
                write("a", "b").get(20, TimeUnit.SECONDS);
            }
        } finally {
            other.shutdown();
        }
    }

    @Test
    void whoMayBlockIsCalledOnAnotherThread() {
        Callback.Completable blocking = new Callback.Completable(Invocable.InvocationType.BLOCKING);
        endPoint.fillInterested(blocking);
        stream.becomeReadable();
        assertThat(blocking).isNotDone();
        dispatched.remove().run();
        assertThat(blocking).isCompleted();

        Callback.Completable direct = new Callback.Completable(Invocable.InvocationType.NON_BLOCKING);
        endPoint.fillInterested(direct);
        stream.becomeReadable();
        assertThat(direct).isCompleted();
        assertThat(dispatched).isEmpty();
    }

    @Test
    void bytesAndEnd() throws Exception {
        ByteBuffer sink = BufferUtil.allocate(100);
        assertThat(endPoint.fill(sink)).isZero();
        stream.readable.add(bytes("hello"));
        assertThat(endPoint.fill(sink)).isEqualTo(5);
        assertThat(BufferUtil.toString(sink)).isEqualTo("hello");
        stream.calls.add("ended");
        assertThat(endPoint.fill(sink)).isEqualTo(-1);
        assertThat(endPoint.fill(sink)).isEqualTo(-1);
        endPoint.shutdownOutput();
        assertThat(stream.calls).containsExactly("ended", "close"); // which ends it too
        assertThat(endPoint.isOpen()).isFalse();
    }

    @Test
    void anOrderlyEndOfTheStreamDoesNotCutWhatIsUnread() throws Exception {
        stream.readable.add(bytes("late"));
        stream.calls.add("ended");
        stream.onClosed.accept(null);
        ByteBuffer sink = BufferUtil.allocate(100);
        assertThat(endPoint.fill(sink)).isEqualTo(4);
        assertThat(endPoint.fill(sink)).isEqualTo(-1);
    }

    @Test
    void aResetOfTheStreamClosesWithItsReason() {
        StreamException cause = new StreamException(TunnelError.LOCAL_REFUSED, "refused");
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        endPoint.setConnection(new AbstractConnection(endPoint, Runnable::run) {
            @Override
            public void onFillable() {}

            @Override
            public void onClose(Throwable why) {
                told.complete(why);
            }
        });
        Callback.Completable interested = new Callback.Completable();
        endPoint.fillInterested(interested);
        stream.onClosed.accept(cause);
        assertThat(told).isCompletedWithValue(cause);
        assertThat(interested).isCompletedExceptionally();
        assertThatThrownBy(() -> endPoint.fill(BufferUtil.allocate(10))).isSameAs(cause);
        Callback.Completable late = new Callback.Completable();
        endPoint.fillInterested(late);
        assertThat(late).isCompletedExceptionally();
    }
}
