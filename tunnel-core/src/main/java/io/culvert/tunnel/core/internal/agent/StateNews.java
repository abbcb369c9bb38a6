package io.culvert.tunnel.core.internal.agent;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.TunnelListener;
import io.culvert.tunnel.TunnelState;
import io.culvert.tunnel.core.internal.Awaiting;
import io.culvert.tunnel.core.internal.SerialExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the application what happened to one tunnel: one thing at a time, in order, outside any lock. */
final class StateNews {
    /** How long a close waits for listeners. */
    static final Duration LISTENER_TIME = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(StateNews.class);

    private final Tunnel tunnel;
    private final List<TunnelListener> listeners;
    private final SerialExecutor teller;
    private final Queue<News> untold = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /** A change, and whether the application knows of the tunnel. */
    private record News(TunnelState state, @Nullable TunnelException cause, boolean known) {}

    StateNews(Tunnel tunnel, List<TunnelListener> listeners, Executor executor) {
        this.tunnel = tunnel;
        this.listeners = listeners;
        this.teller = SerialExecutor.on(executor);
    }

    /** Notes a change. The caller's lock keeps the order; without it, {@link #tell} must follow. */
    void add(TunnelState state, @Nullable TunnelException cause, boolean known) {
        untold.add(new News(state, cause, known));
    }

    /** Tells the next change. Each change has its own call, so that all are told in order whoever calls first. */
    void tell() {
        teller.execute(() -> {
            News news = untold.poll();
            if (news == null) {
                return;
            }
            if (news.known) {
                listeners.forEach(listener -> tell(listener, news));
            }
            if (news.state == TunnelState.CLOSED && news.cause == null) {
                closed.complete(null);
            } else if (news.state == TunnelState.CLOSED) {
                closed.completeExceptionally(news.cause);
            }
        });
    }

    private void tell(TunnelListener listener, News news) {
        try {
            listener.onState(tunnel, news.state, news.cause);
        } catch (RuntimeException | LinkageError | AssertionError x) {
            LOG.error("A listener of tunnel {} failed", tunnel.name(), x);
        }
    }

    /** Completes when listeners know that the tunnel is closed. */
    CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }

    /** Waits until listeners know what happened so far, for a time; does nothing on the thread that tells them. */
    void flush() {
        if (!teller.isInside()) {
            CompletableFuture<Void> flushed = new CompletableFuture<>();
            teller.execute(() -> flushed.complete(null));
            Awaiting.done(flushed, LISTENER_TIME);
        }
    }
}
