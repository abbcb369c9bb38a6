package io.culvert.tunnel.core;

import io.culvert.tunnel.spi.Completion;
import java.util.function.Consumer;

/** A completion that takes one function. */
final class Ending {
    private Ending() {}

    /** Given the failure, or {@code null}. */
    static Completion of(Consumer<Throwable> told) {
        return new Completion() {
            @Override
            public void succeeded() {
                told.accept(null);
            }

            @Override
            public void failed(Throwable cause) {
                told.accept(cause);
            }
        };
    }
}
