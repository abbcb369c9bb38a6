package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream that sends at once and says so when the test wants.
 *
 * @param written what tells that something was sent
 * @param readable is given what tells that there is something to read
 */
record LateWord(DataStream stream, BlockingQueue<Runnable> written, Consumer<Runnable> readable) implements DataStream {
    @Override
    public void write(ByteBuffer source, Completion completion) {
        stream.write(source, new Completion() {
            @Override
            public void succeeded() {
                written.add(completion::succeeded);
            }

            @Override
            public void failed(Throwable cause) {
                completion.failed(cause);
            }
        });
    }

    @Override
    public String id() {
        return stream.id();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return stream.read(target);
    }

    @Override
    public void onReadable(Runnable callback) {
        stream.onReadable(() -> readable.accept(callback));
    }

    @Override
    public void end() {
        stream.end();
    }

    @Override
    public void close() {
        stream.close();
    }

    @Override
    public void reset(Throwable cause) {
        stream.reset(cause);
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> listener) {
        stream.onClosed(listener);
    }
}
