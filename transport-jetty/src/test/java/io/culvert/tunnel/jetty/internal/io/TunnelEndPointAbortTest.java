package io.culvert.tunnel.jetty.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TunnelEndPointAbortTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ABORTS = 1_000;

    private final ResetChannel channel = new ResetChannel();
    private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler("unused", true);
    private final ManagedSelector selector = new ManagedSelector(new NoSelectors(scheduler), 0);
    private final TunnelEndPoint endPoint = on(channel);
    private final ExecutorService threads = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        threads.shutdown();
    }

    private TunnelEndPoint on(SocketChannel over) {
        return new TunnelEndPoint(over, selector, new NoKey(over), scheduler);
    }

    @Test
    void aResetThatAWriteHearsOfIsNoEndForItsReader() throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try {
                read.complete(endPoint.fill(BufferUtil.allocate(16)));
            } catch (IOException x) {
                read.completeExceptionally(x);
            }
        });
        channel.duringWrite = () -> {
            reader.start();
            Awaitility.await().atMost(PATIENCE).until(() -> read.isDone() || reader.getState() == Thread.State.BLOCKED);
        };
        assertThatThrownBy(() -> endPoint.flush(ByteBuffer.allocate(1))).isInstanceOf(EofException.class);
        reader.join(PATIENCE.toMillis());
        assertThat(read).isCompletedExceptionally();
        assertThatThrownBy(read::join).hasRootCauseMessage("Connection reset by peer");
        assertThatThrownBy(() -> endPoint.fill(BufferUtil.allocate(16))).hasMessage("Connection reset by peer");
    }

    @Test
    void anEndStaysAnEnd() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(endPoint.fill(BufferUtil.allocate(16))).isEqualTo(-1);
        }
    }

    /** One thread reads all the time, another one aborts at some moment. */
    @Test
    void aReaderNeverTakesAnAbortForAnEnd() throws Exception {
        for (int i = 0; i < ABORTS; i++) {
            ResetChannel silent = new ResetChannel();
            silent.reads = 0;
            TunnelEndPoint aborted = on(silent);
            CompletableFuture<Boolean> end = CompletableFuture.supplyAsync(() -> readsToTheEnd(aborted), threads);
            while (!silent.wasRead) {
                Thread.onSpinWait();
            }
            aborted.close(new EofException("aborted"));
            assertThat(end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isFalse();
        }
    }

    private static boolean readsToTheEnd(TunnelEndPoint from) {
        ByteBuffer buffer = BufferUtil.allocate(16);
        try {
            int filled;
            do {
                filled = from.fill(buffer);
            } while (filled == 0);
            return true;
        } catch (IOException aborted) {
            return false;
        }
    }

    /** A connection as the system has it after a reset: the first call hears of it, reads find an end after that. */
    private static final class ResetChannel extends SocketChannel {
        private Runnable duringWrite = () -> {};
        private volatile int reads = -1;
        private volatile boolean wasRead;

        ResetChannel() {
            super(SelectorProvider.provider());
        }

        @Override
        public int read(ByteBuffer target) {
            wasRead = true;
            return reads;
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            return reads;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            duringWrite.run();
            throw new IOException("Connection reset by peer");
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            return write(sources[offset]);
        }

        @Override
        public SocketChannel bind(SocketAddress local) {
            return this;
        }

        @Override
        public <T> SocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public SocketChannel shutdownInput() {
            return this;
        }

        @Override
        public SocketChannel shutdownOutput() {
            return this;
        }

        @Override
        public Socket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public boolean isConnectionPending() {
            return false;
        }

        @Override
        public boolean connect(SocketAddress remote) {
            return true;
        }

        @Override
        public boolean finishConnect() {
            return true;
        }

        @Override
        public SocketAddress getRemoteAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress getLocalAddress() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implCloseSelectableChannel() {}

        @Override
        protected void implConfigureBlocking(boolean block) {}
    }

    /** A key that nobody selects. */
    private static final class NoKey extends SelectionKey {
        private final SelectableChannel channel;

        NoKey(SelectableChannel channel) {
            this.channel = channel;
        }

        @Override
        public SelectableChannel channel() {
            return channel;
        }

        @Override
        public Selector selector() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public void cancel() {}

        @Override
        public int interestOps() {
            return 0;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            return this;
        }

        @Override
        public int readyOps() {
            return 0;
        }
    }

    /** Not started. */
    private static final class NoSelectors extends SelectorManager {
        NoSelectors(ScheduledExecutorScheduler scheduler) {
            super(Runnable::run, scheduler, 1);
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel from, ManagedSelector selector, SelectionKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Connection newConnection(SelectableChannel from, EndPoint endPoint, Object attachment) {
            throw new UnsupportedOperationException();
        }
    }
}
