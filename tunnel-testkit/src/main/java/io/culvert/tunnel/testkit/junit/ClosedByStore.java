package io.culvert.tunnel.testkit.junit;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Something that JUnit closes when a test or class is over. JUnit 5.13 and newer close every {@link AutoCloseable} in a store, older ones
 * need the other interface.
 */
@SuppressWarnings("deprecation")
class ClosedByStore implements AutoCloseable, ExtensionContext.Store.CloseableResource {
    private final Runnable closing;
    private final AtomicBoolean closed = new AtomicBoolean();

    ClosedByStore(Runnable closing) {
        this.closing = closing;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closing.run();
        }
    }
}
