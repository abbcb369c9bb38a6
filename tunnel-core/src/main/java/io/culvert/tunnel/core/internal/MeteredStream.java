package io.culvert.tunnel.core.internal;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.core.net.StreamMeter;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** An agent's end of a stream whose bytes are counted as they are read and written; so nobody may take what is under it. */
public final class MeteredStream extends ForwardingStream {
    private final StreamMeter meter;

    /** Counts what goes through the stream. */
    public MeteredStream(DataStream stream, StreamMeter meter) {
        super(stream);
        this.meter = meter;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int from = target.position();
        int count = super.read(target);
        if (count > 0) {
            meter.passing(Direction.UP, target.duplicate().flip().position(from));
        }
        return count;
    }

    @Override
    public void write(ByteBuffer source, Completion completion) {
        meter.passing(Direction.DOWN, source);
        super.write(source, completion);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return Optional.empty();
    }
}
