package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.core.internal.SerialExecutor;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.spi.Completion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One end of a control channel without a network: what is sent here comes in over there, on another thread. */
final class MemoryCarrier implements Carrier {
    private final SerialExecutor reader;
    private final CompletableFuture<Listener> listener = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile MemoryCarrier peer;
    private boolean told; // that it is closed; only touched by the reader

    /** The other end closed: what is sent here is lost, and reading tells why, as below a real control channel. */
    private volatile boolean left;

    private MemoryCarrier(Executor executor) {
        reader = SerialExecutor.on(executor);
    }

    static MemoryCarrier pair(Executor executor) {
        MemoryCarrier one = new MemoryCarrier(executor);
        MemoryCarrier other = new MemoryCarrier(executor);
        one.peer = other;
        other.peer = one;
        return one;
    }

    MemoryCarrier peer() {
        return peer;
    }

    void listen(Listener to) {
        listener.complete(to);
    }

    @Override
    public void send(ByteBuffer utf8, Completion completion) {
        if (left) {
            reader.execute(completion::succeeded);
            return;
        }
        if (closed.get()) {
            completion.failed(new IOException("closed"));
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(utf8.remaining()).put(utf8).flip();
        MemoryCarrier there = peer;
        there.deliver(to -> {
            if (!there.told) {
                to.onMessage(copy);
            }
        });
        reader.execute(completion::succeeded);
    }

    @Override
    public void close(int code, String reason) {
        if (closed.compareAndSet(false, true)) {
            tellClosed(code, reason);
            peer.left = true;
            if (peer.closed.compareAndSet(false, true)) {
                peer.tellClosed(code, reason);
            }
        }
    }

    @Override
    public void abort() {
        close(1006, "");
    }

    private void tellClosed(int code, String reason) {
        deliver(to -> {
            told = true;
            to.onClosed(code, reason, null);
        });
    }

    private void deliver(Consumer<Listener> what) {
        listener.thenAccept(to -> reader.execute(() -> what.accept(to)));
    }
}
