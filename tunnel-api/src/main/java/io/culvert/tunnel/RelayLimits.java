package io.culvert.tunnel;

/**
 * How much of everything a relay allows, so that nobody can take it from the others. Immutable; set by {@link RelayOptions.Builder#limits}.
 */
public final class RelayLimits {
    private final int streamsPerTunnel;
    private final int tunnelsPerAgent;
    private final int credit;

    private RelayLimits(Builder b) {
        streamsPerTunnel = b.streamsPerTunnel;
        tunnelsPerAgent = b.tunnelsPerAgent;
        credit = b.credit;
    }

    /** Open data streams of one tunnel. */
    public int streamsPerTunnel() {
        return streamsPerTunnel;
    }

    /** Tunnels of one agent. */
    public int tunnelsPerAgent() {
        return tunnelsPerAgent;
    }

    /** Bytes that an agent may send on a stream before the relay consumed any. */
    public int credit() {
        return credit;
    }

    /** Collects limits; each method checks its argument. */
    public static final class Builder {
        private int streamsPerTunnel = 4096;
        private int tunnelsPerAgent = 64;
        private int credit = 256 * 1024;

        Builder() {}

        /** Open data streams of one tunnel, at most. Default: 4,096. */
        public Builder streamsPerTunnel(int count) {
            this.streamsPerTunnel = AgentOptions.inRange("streamsPerTunnel", count, 1, 1 << 20);
            return this;
        }

        /** Tunnels of one agent, at most. Default: 64. */
        public Builder tunnelsPerAgent(int count) {
            this.tunnelsPerAgent = AgentOptions.inRange("tunnelsPerAgent", count, 1, 1 << 16);
            return this;
        }

        /** Bytes that an agent may send on a stream before the relay consumed any: 1,024 to 16 MiB. Default: 256 KiB. */
        public Builder credit(int bytes) {
            this.credit = AgentOptions.inRange("credit", bytes, 1024, 16 << 20);
            return this;
        }

        RelayLimits build() {
            return new RelayLimits(this);
        }
    }
}
