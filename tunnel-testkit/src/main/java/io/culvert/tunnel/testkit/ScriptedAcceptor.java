package io.culvert.tunnel.testkit;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.LocalConnection;
import io.culvert.tunnel.spi.StreamAcceptor;
import io.culvert.tunnel.spi.StreamException;
import io.culvert.tunnel.spi.StreamRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Stands in for the local services behind an agent: connects every stream at once, unless told otherwise. Thread-safe. */
public final class ScriptedAcceptor implements StreamAcceptor {
    private static final int PATIENCE_SECONDS = 20;

    private final BlockingQueue<Accepted> joined = new LinkedBlockingQueue<>();
    private final BlockingQueue<Held> held = new LinkedBlockingQueue<>();
    private volatile Function<StreamRequest, CompletableFuture<LocalConnection>> script = this::connect;

    ScriptedAcceptor() {}

    /** An accepted stream, as the local service sees it. */
    public record Accepted(StreamRequest request, DataStream stream) {}

    /** A wish whose answer the test gives when it likes. */
    public final class Held {
        private final StreamRequest request;
        private final CompletableFuture<LocalConnection> answer = new CompletableFuture<>();
        private final Connection connection;

        private Held(StreamRequest request) {
            this.request = request;
            this.connection = new Connection(request);
        }

        /** What was asked for. */
        public StreamRequest request() {
            return request;
        }

        /** The local service is connected now. */
        public void connect() {
            answer.complete(connection);
        }

        /** Completes with the stream that the connection was joined with, or with nothing if the connection was abandoned. */
        public CompletableFuture<Optional<DataStream>> fate() {
            return connection.fate;
        }

        /** The local service cannot be had. */
        public void refuse(StreamException why) {
            answer.completeExceptionally(why);
        }
    }

    @Override
    public CompletableFuture<LocalConnection> accept(StreamRequest request) {
        return script.apply(request);
    }

    /** From now on every stream is connected at once. */
    public void connectAll() {
        script = this::connect;
    }

    /** From now on every stream is refused. */
    public void refuseAll(StreamException why) {
        script = request -> CompletableFuture.failedFuture(why);
    }

    /** From now on every wish waits for the test: {@link #nextHeld}. */
    public void holdAll() {
        script = request -> {
            Held wish = new Held(request);
            held.add(wish);
            return wish.answer;
        };
    }

    /** From now on every wish makes the acceptor throw. */
    public void failAll(RuntimeException failure) {
        script = request -> {
            throw failure;
        };
    }

    /** The next stream that was joined; waits for it. */
    public Accepted next() {
        return take(joined, "No stream reached the local service.");
    }

    /** The stream with that id, once it was joined; waits for it. */
    public Accepted next(String id) {
        List<Accepted> others = new ArrayList<>();
        Accepted accepted = next();
        while (!accepted.request().id().equals(id)) {
            others.add(accepted);
            accepted = next();
        }
        joined.addAll(others);
        return accepted;
    }

    /** The next wish that waits for its answer; waits for it. */
    public Held nextHeld() {
        return take(held, "No wish for a stream reached the agent.");
    }

    private CompletableFuture<LocalConnection> connect(StreamRequest request) {
        return CompletableFuture.completedFuture(new Connection(request));
    }

    private static <T> T take(BlockingQueue<T> queue, String otherwise) {
        try {
            T next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(next, otherwise);
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(otherwise, e);
        }
    }

    private final class Connection implements LocalConnection {
        private final StreamRequest request;
        private final CompletableFuture<Optional<DataStream>> fate = new CompletableFuture<>();

        Connection(StreamRequest request) {
            this.request = request;
        }

        @Override
        public void join(DataStream stream) {
            joined.add(new Accepted(request, stream));
            fate.complete(Optional.of(stream));
        }

        @Override
        public void abandon(Throwable cause) {
            fate.complete(Optional.empty());
        }
    }
}
