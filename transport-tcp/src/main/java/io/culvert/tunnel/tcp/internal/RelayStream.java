package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One stream on the relay's side, from the wish to open it until it is over. Thread-safe. */
final class RelayStream {
    /** What happens to a stream, for the half that it belongs to. Called at most once each. */
    interface Owner {
        /** The relay gave it up before the agent said that it is connected: tell the agent. */
        void abandoned(RelayStream stream, StreamException cause);

        /** It is over, or never came to be. */
        void over(RelayStream stream);
    }

    private final String id;
    private final StreamKind kind;
    private final Owner owner;
    private final CompletableFuture<DataStream> result;

    /** Guarded by this, as all below. Set when the connection is there. */
    private @Nullable EndPointStream connection;

    /** Whether nothing is waited for any more: the connection is there, and the agent said that it is ready if it has to. */
    private boolean ready;

    private boolean over;
    private @Nullable Grant grant;
    private @Nullable Future<?> timer;

    /**
     * A stream that is to be opened.
     *
     * @param result completed with the stream, or why there is none; if someone else completes it the stream is not wanted any more
     */
    RelayStream(String id, StreamKind kind, CompletableFuture<DataStream> result, Owner owner) {
        this.id = id;
        this.kind = kind;
        this.result = result;
        this.owner = owner;
        this.ready = kind == StreamKind.HTTP; // an agent does not say so of plain HTTP
        result.whenComplete((stream, failure) -> {
            if (failure != null) {
                fail(
                        new StreamException(
                                TunnelError.CANCELLED, "Stream " + id + " is not wanted any more.", failure),
                        true);
            }
        });
    }

    String id() {
        return id;
    }

    StreamKind kind() {
        return kind;
    }

    /** What lets its connection in; false if the stream is over already, so that nobody else will take the grant back. */
    synchronized boolean awaitBy(Grant given) {
        grant = given;
        return !over;
    }

    synchronized @Nullable Grant grant() {
        return grant;
    }

    /** What ends it if it does not come about. */
    void limitBy(Future<?> given) {
        boolean needed;
        synchronized (this) {
            needed = isPending();
            timer = given;
        }
        if (!needed) {
            given.cancel(false);
        }
    }

    private boolean isPending() {
        return !over && (connection == null || !ready);
    }

    /** The connection is there. */
    void connected(EndPointStream stream) {
        boolean late;
        synchronized (this) {
            late = over;
            connection = stream;
        }
        if (late) {
            stream.reset(new StreamException(TunnelError.CANCELLED, "Stream " + id + " is not wanted any more."));
            return;
        }
        settle();
        stream.onClosed(this::closed);
        result.complete(stream);
    }

    /** The agent is connected to the local service. */
    void ready() {
        synchronized (this) {
            ready = true;
        }
        settle();
    }

    private void settle() {
        Future<?> done;
        synchronized (this) {
            done = isPending() ? null : timer;
        }
        if (done != null) {
            done.cancel(false);
        }
    }

    private void closed(@Nullable Throwable cause) {
        if (cause != null) {
            fail(Failures.of(cause, id), true);
        } else {
            finish();
        }
    }

    /** Nothing came in time. */
    void timeOut() {
        boolean waited;
        synchronized (this) {
            waited = isPending();
        }
        if (waited) {
            fail(
                    new StreamException(TunnelError.OPEN_TIMEOUT, "The agent did not bring stream " + id + " in time."),
                    true);
        }
    }

    /** The control channel is gone: what the agent has not confirmed will not come. */
    void controlLost() {
        boolean waited;
        synchronized (this) {
            waited = isPending();
        }
        if (waited) {
            fail(
                    new StreamException(TunnelError.LINK_LOST, "The link broke while stream " + id + " was opened."),
                    false);
        }
    }

    /** Ends it with a failure, whatever its state. */
    void fail(StreamException cause, boolean tellAgent) {
        boolean unconfirmed;
        EndPointStream open;
        synchronized (this) {
            unconfirmed = isPending();
            open = connection;
        }
        if (!finish()) {
            return;
        }
        if (open != null) {
            open.reset(cause);
        }
        result.completeExceptionally(cause);
        if (tellAgent && unconfirmed) {
            owner.abandoned(this, cause);
        }
    }

    private boolean finish() {
        synchronized (this) {
            if (over) {
                return false;
            }
            over = true;
        }
        settle();
        owner.over(this);
        return true;
    }
}
