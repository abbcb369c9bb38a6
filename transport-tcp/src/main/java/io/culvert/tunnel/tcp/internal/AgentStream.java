package io.culvert.tunnel.tcp.internal;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One stream on the agent's side: first the local service, then the connection to the relay, then both are joined. Thread-safe.
 */
final class AgentStream {
    /** The half that a stream belongs to. */
    interface Owner {
        /** Connects to the local service. */
        CompletableFuture<LocalConnection> accept(StreamRequest request);

        /** The local service is connected. */
        void ready(AgentStream stream);

        /** Finds or dials the connection to the relay. */
        CompletableFuture<EndPointStream> connection(AgentStream stream);

        /** Tells the relay why the stream does not come about. */
        void refused(AgentStream stream, StreamException cause);

        /**
         * It is over, or never came to be. Called once.
         *
         * @param cause why it was given up; {@code null} if it was joined and is closed now
         */
        void over(AgentStream stream, @Nullable StreamException cause);
    }

    private final StreamRequest request;
    private final Owner owner;

    /** Guarded by this: what waits to be joined. */
    private @Nullable LocalConnection local;

    /** Guarded by this: set when both are joined. */
    private @Nullable EndPointStream joined;

    /** Guarded by this: why it is over. */
    private @Nullable StreamException cancelled;

    /** Guarded by this. */
    private boolean over;

    AgentStream(StreamRequest request, Owner owner) {
        this.request = request;
        this.owner = owner;
    }

    String id() {
        return request.id();
    }

    StreamKind kind() {
        return request.kind();
    }

    /** Begins; returns at once. */
    void open() {
        CompletableFuture<LocalConnection> accepted;
        try {
            accepted = owner.accept(request);
        } catch (RuntimeException x) {
            accepted = CompletableFuture.failedFuture(x);
        }
        accepted.whenComplete((connection, failure) -> {
            if (failure == null) {
                connected(connection);
            } else {
                refuse(Failures.ofAcceptor(failure, id()));
            }
        });
    }

    private void connected(LocalConnection connection) {
        StreamException why;
        synchronized (this) {
            why = cancelled;
            if (why == null) {
                local = connection;
            }
        }
        if (why != null) {
            connection.abandon(why);
            return;
        }
        if (kind() == StreamKind.UPGRADE) {
            owner.ready(this);
        }
        owner.connection(this).whenComplete((stream, failure) -> {
            if (failure == null) {
                join(stream);
            } else {
                refuse(Failures.of(failure, id()));
            }
        });
    }

    private void join(EndPointStream stream) {
        LocalConnection connection;
        StreamException why;
        synchronized (this) {
            connection = local;
            local = null;
            why = cancelled;
            if (why == null) {
                joined = stream;
            }
        }
        if (connection == null || why != null) {
            stream.reset(why != null ? why : new IllegalStateException("joined twice"));
            return;
        }
        stream.onClosed(cause -> finish(null));
        connection.join(stream);
    }

    private void refuse(StreamException cause) {
        if (end(cause, false)) {
            owner.refused(this, cause);
        }
    }

    /** Ends it, whatever its state. */
    void cancel(StreamException cause) {
        end(cause, false);
    }

    /** Ends it unless both sides are joined. */
    void cancelUnlessJoined(StreamException cause) {
        end(cause, true);
    }

    private boolean end(StreamException cause, boolean unlessJoined) {
        LocalConnection waiting;
        EndPointStream open;
        synchronized (this) {
            if (cancelled != null || unlessJoined && joined != null) {
                return false;
            }
            cancelled = cause;
            waiting = local;
            local = null;
            open = joined;
        }
        if (waiting != null) {
            waiting.abandon(cause);
        }
        if (open != null) {
            open.reset(cause);
        }
        finish(open == null ? cause : null);
        return true;
    }

    private void finish(@Nullable StreamException cause) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        owner.over(this, cause);
    }
}
