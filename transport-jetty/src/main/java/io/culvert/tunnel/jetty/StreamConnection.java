package io.culvert.tunnel.jetty;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.jspecify.annotations.Nullable;

/** Stands on a stream's EndPoint until someone takes that over, and keeps bytes that were read and not consumed. */
final class StreamConnection extends AbstractConnection.NonBlocking
        implements Connection.UpgradeTo, Connection.UpgradeFrom {
    private static final Runnable NOTHING = () -> {};

    /** Dropped once it ran, as it may hold what made the stream: a dial's parser and buffers, for as long as the stream lives. */
    private Runnable onOpen;

    private final Consumer<Throwable> onStop;

    /** Used by one reader at a time. */
    private @Nullable ByteBuffer held;

    StreamConnection(EndPoint endPoint, Executor executor, Runnable onOpen, Consumer<Throwable> onStop) {
        super(endPoint, executor);
        this.onOpen = onOpen;
        this.onStop = onStop;
    }

    boolean holdsBytes() {
        return held != null;
    }

    void hold(ByteBuffer bytes) {
        held = bytes;
    }

    /** Moves what is held, as far as it fits. */
    int take(ByteBuffer target) {
        ByteBuffer bytes = held;
        if (bytes == null) {
            return 0;
        }
        int count = Math.min(bytes.remaining(), target.remaining());
        target.put(bytes.slice().limit(count));
        bytes.position(bytes.position() + count);
        held = bytes.hasRemaining() ? bytes : null;
        return count;
    }

    @Override
    public void onUpgradeTo(ByteBuffer early) {
        held = early;
    }

    @Override
    public @Nullable ByteBuffer onUpgradeFrom() {
        ByteBuffer bytes = held;
        held = null;
        return bytes;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0);
        Runnable opened = onOpen;
        onOpen = NOTHING;
        opened.run();
    }

    @Override
    public void onFillable() {
        // Whoever reads registers a callback of its own.
    }

    /** Jetty stops: what is under way is cut, which must not look like an end. */
    @Override
    public void close() {
        onStop.accept(new EofException("the network stops"));
    }
}
