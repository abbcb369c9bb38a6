package io.culvert.tunnel.spi;

/** How one asynchronous operation ended. Exactly one of the methods is called, exactly once, on any thread; neither may block. */
public interface Completion {
    /** Does nothing in either case. */
    Completion IGNORE = new Completion() {
        @Override
        public void succeeded() {}

        @Override
        public void failed(Throwable cause) {}
    };

    /** The operation is done. */
    void succeeded();

    /** The operation failed and had no further effect. */
    void failed(Throwable cause);
}
