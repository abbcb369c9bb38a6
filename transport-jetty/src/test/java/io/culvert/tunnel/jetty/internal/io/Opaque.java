package io.culvert.tunnel.jetty.internal.io;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream that hides what is below it. */
record Opaque(DataStream stream) implements DataStream {
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
        stream.onReadable(callback);
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        stream.write(source, completion);
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
