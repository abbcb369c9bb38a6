package io.culvert.tunnel.testkit.fault;

import io.culvert.tunnel.TunnelError;

/**
 * What a fault does.
 *
 * @param kind which
 * @param low nanoseconds of the shortest latency or of waiting to be overtaken, bytes per second, or bytes before the cut
 * @param high nanoseconds of the longest latency
 * @param error what refused ones fail with
 */
record Effect(Kind kind, long low, long high, TunnelError error) {
    enum Kind {
        LATENCY("latency"),
        BANDWIDTH("bandwidth"),
        STALL("stall"),
        SINGLE_BYTES("single bytes"),
        HALF_OPEN("half-open"),
        RESET("reset"),
        TRUNCATE("truncate"),
        REFUSE("refuse"),
        /** Waits until bytes of another kind of connection overtook it. */
        OVERTAKEN("overtaken");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    static Effect of(Kind kind) {
        return new Effect(kind, 0, 0, TunnelError.RESET);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case LATENCY -> kind.text + " of " + low / 1_000_000 + " to " + high / 1_000_000 + " ms";
            case BANDWIDTH -> kind.text + " of " + low + " bytes/s";
            case TRUNCATE -> kind.text + " after " + low + " bytes";
            case REFUSE -> kind.text + " with " + error.code();
            default -> kind.text;
        };
    }
}
