package io.culvert.tunnel.core.internal.stream;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import io.culvert.tunnel.spi.StreamException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls of what others registered: what they throw is logged and goes no further, for the thread is not theirs. */
public final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    private Callbacks() {}

    /** Tells a writer. */
    public static void complete(Completion completion, @Nullable Throwable failure) {
        try {
            if (failure == null) {
                completion.succeeded();
            } else {
                completion.failed(failure);
            }
        } catch (RuntimeException e) {
            LOG.warn("The completion of a write failed", e);
        }
    }

    /** Runs a reader's callback. A reader that fails will not read on: the stream is reset. */
    public static void run(Runnable callback, DataStream stream) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            LOG.warn("The reader of stream {} failed", stream.id(), e);
            stream.reset(new StreamException(TunnelError.INTERNAL, "The reader failed.", e));
        }
    }

    /** Tells who waits for a stream's end. */
    public static void tell(Consumer<@Nullable Throwable> listener, @Nullable Throwable outcome) {
        try {
            listener.accept(outcome);
        } catch (RuntimeException e) {
            LOG.warn("A listener for the end of a stream failed", e);
        }
    }
}
