package io.culvert.tunnel.testkit;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.internal.channel.SendQueue;
import io.culvert.tunnel.core.internal.codec.MalformedMessageException;
import io.culvert.tunnel.core.internal.codec.MessageCodec;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.message.TunnelMessage;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A control channel in memory, both ways: the real queue and codec, and a thread for each side that reads. A frame is done when the
 * receiver handled it, as if there were no buffers on the way.
 */
final class ControlLink implements AutoCloseable {
    final Side relay;
    final Side agent;
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    ControlLink(Executor executor, ThreadFactory threads) {
        relay = new Side(executor, threads);
        agent = new Side(executor, threads);
    }

    /** Connects both sides, which must have their receivers. */
    void connect() {
        relay.queue.attach(new Wire(agent));
        agent.queue.attach(new Wire(relay));
    }

    /** Breaks the channel; returns once both sides were told. */
    void lose() {
        StreamException lost = new StreamException(TunnelError.LINK_LOST, "The test cut the control channel.");
        relay.queue.detach(lost);
        agent.queue.detach(lost);
        relay.run(() -> relay.receiver().onControlLost());
        agent.run(() -> agent.receiver().onControlLost());
    }

    /** Connects both sides again; returns once both were told. */
    void restore() {
        connect();
        relay.run(() -> relay.receiver().onControlRestored());
        agent.run(() -> agent.receiver().onControlRestored());
    }

    /** What went wrong on the channel. */
    List<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() {
        StreamException closed = new StreamException(TunnelError.CLOSED, "The pair is closed.");
        relay.queue.detach(closed);
        agent.queue.detach(closed);
        relay.reader.shutdown();
        agent.reader.shutdown();
    }

    /** One side's queue and reader. */
    final class Side {
        final SendQueue queue;
        private final MessageCodec codec = new MessageCodec();
        private final ExecutorService reader;
        private volatile @Nullable Transport receiver;

        Side(Executor executor, ThreadFactory threads) {
            this.queue = new SendQueue(codec, executor);
            this.reader = Executors.newSingleThreadExecutor(threads);
        }

        void receiver(Transport transport) {
            receiver = transport;
        }

        private Transport receiver() {
            Transport transport = receiver;
            if (transport == null) {
                throw new IllegalStateException("The half does not exist yet.");
            }
            return transport;
        }

        private void run(Runnable task) {
            CompletableFuture.runAsync(task, reader).join();
        }

        private void receive(byte[] text) {
            try {
                TunnelMessage message = codec.decode(ByteBuffer.wrap(text));
                if (message != null) {
                    receiver().onMessage(message);
                }
            } catch (MalformedMessageException | RuntimeException e) {
                failures.add(e);
            }
        }
    }

    /** One way of the channel. */
    private final class Wire implements Carrier {
        private final Side receiver;
        private volatile boolean cut;

        Wire(Side receiver) {
            this.receiver = receiver;
        }

        @Override
        public void send(ByteBuffer utf8, Completion completion) {
            byte[] text = new byte[utf8.remaining()];
            utf8.get(text);
            try {
                receiver.reader.execute(() -> {
                    if (!cut) {
                        receiver.receive(text);
                    }
                    completion.succeeded();
                });
            } catch (RejectedExecutionException e) {
                completion.failed(new IOException("The channel is closed.", e));
            }
        }

        @Override
        public void close(int code, String reason) {
            cut = true;
            failures.add(new IOException("The channel was closed: " + code + " " + reason));
        }

        @Override
        public void abort() {
            cut = true;
            if (!receiver.reader.isShutdown()) {
                failures.add(new IOException("The channel was aborted."));
            }
        }
    }
}
