package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stream that passes everything on to another one; subclasses change what they are for. */
abstract class ForwardingStream implements DataStream {
    private final DataStream stream;

    ForwardingStream(DataStream stream) {
        this.stream = stream;
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

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return stream.unwrap(type);
    }
}
