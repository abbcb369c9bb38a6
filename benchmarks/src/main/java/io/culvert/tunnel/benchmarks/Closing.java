package io.culvert.tunnel.benchmarks;

/** Closes several things, every one of them, whatever fails on the way. */
final class Closing {
    private Closing() {}

    /** In this order. Throws the first failure, which keeps the others as suppressed. */
    static void all(AutoCloseable... things) throws Exception {
        Exception failure = null;
        for (AutoCloseable thing : things) {
            try {
                thing.close();
            } catch (Exception x) {
                if (failure == null) {
                    failure = x;
                } else {
                    failure.addSuppressed(x);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
