package io.culvert.tunnel.capture;

import java.util.Objects;

/**
 * Has an agent keep copies of what passes through its tunnels and tell a listener. Copies are made beside the bytes' way and understood on
 * another thread: a stream never waits for its capture. Where understanding falls behind by more than {@link #maxPendingBytes}, a
 * stream's capture is cut, and says so, instead. Immutable.
 */
public final class Capture {
    private final CaptureListener listener;
    private final int maxBodyBytes;
    private final int maxPendingBytes;

    private Capture(Builder builder) {
        listener = builder.listener;
        maxBodyBytes = builder.maxBodyBytes;
        maxPendingBytes = builder.maxPendingBytes;
    }

    /** With the default limits. */
    public static Capture to(CaptureListener listener) {
        return builder(listener).build();
    }

    /** With limits of one's own. */
    public static Builder builder(CaptureListener listener) {
        return new Builder(Objects.requireNonNull(listener, "listener"));
    }

    /** Both: each listener is told in turn, of copies within the larger limits of the two. */
    public Capture and(Capture other) {
        CaptureListener both = exchange -> {
            try {
                listener.onChange(exchange);
            } finally {
                other.listener.onChange(exchange);
            }
        };
        return builder(both)
                .maxBodyBytes(Math.max(maxBodyBytes, other.maxBodyBytes))
                .maxPendingBytes(Math.max(maxPendingBytes, other.maxPendingBytes))
                .build();
    }

    /** Who is told. */
    public CaptureListener listener() {
        return listener;
    }

    /** Bytes kept of each body, and of the messages of one WebSocket together; what is beyond is counted only. */
    public int maxBodyBytes() {
        return maxBodyBytes;
    }

    /** Bytes of all streams that may wait to be understood. */
    public int maxPendingBytes() {
        return maxPendingBytes;
    }

    /** Collects a {@link Capture}; each method checks its argument. */
    public static final class Builder {
        private final CaptureListener listener;
        private int maxBodyBytes = 1 << 20;
        private int maxPendingBytes = 16 << 20;

        private Builder(CaptureListener listener) {
            this.listener = listener;
        }

        /** Bytes to keep of each body: 0 to 64 MiB. Default: 1 MiB. */
        public Builder maxBodyBytes(int bytes) {
            this.maxBodyBytes = inRange("maxBodyBytes", bytes, 64 << 20);
            return this;
        }

        /** Bytes that may wait to be understood: 0 to 1 GiB. Default: 16 MiB. */
        public Builder maxPendingBytes(int bytes) {
            this.maxPendingBytes = inRange("maxPendingBytes", bytes, 1 << 30);
            return this;
        }

        /** The finished options. */
        public Capture build() {
            return new Capture(this);
        }

        private static int inRange(String option, int value, int highest) {
            if (value < 0 || value > highest) {
                throw new IllegalArgumentException(option + " must be 0 to " + highest + ", not " + value + ".");
            }
            return value;
        }
    }
}
