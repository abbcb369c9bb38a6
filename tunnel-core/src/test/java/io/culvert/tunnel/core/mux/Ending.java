package io.culvert.tunnel.core.mux;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.StreamException;
import org.jspecify.annotations.Nullable;

/** Remembers how something ended, and that it did so once. */
final class Ending implements Completion {
    private int times;
    private @Nullable Throwable failure;

    void tell(@Nullable Throwable outcome) {
        times++;
        failure = outcome;
        if (times > 1) {
            throw new AssertionError("Told twice.");
        }
    }

    boolean pending() {
        return times == 0;
    }

    boolean orderly() {
        return times == 1 && failure == null;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    @Nullable
    TunnelError error() {
        return failure == null ? null : StreamException.errorOf(failure);
    }

    @Override
    public void succeeded() {
        tell(null);
    }

    @Override
    public void failed(Throwable cause) {
        tell(cause);
    }
}
