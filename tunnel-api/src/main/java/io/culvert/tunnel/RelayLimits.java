package io.culvert.tunnel;

import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How much of everything a relay allows, so that nobody can take it from the others. Immutable; set by {@link RelayOptions.Builder#limits}.
 * What happens when one is reached is counted: {@link TunnelMetrics#limitReached}.
 */
public final class RelayLimits {
    private static final long HEAP = Runtime.getRuntime().maxMemory();
    private static final int HEAP_PER_CONNECTION = 16 * 1024;
    private static final int MOST_CONNECTIONS = 1 << 16;
    private static final long MOST_QUEUED = HEAP / 4;
    private static final long LEAST_QUEUED = 64 * 1024;

    private final int connections;
    private final int connectionsPerAddress;
    private final int sessions;
    private final int sessionsPerOwner;
    private final int handshakesPerAddress;
    private final Rate failedHandshakes;
    private final Rate failedDataConnections;
    private final int tunnelsPerAgent;
    private final int streamsPerTunnel;
    private final int waitingPerTunnel;
    private final int credit;
    private final long queuedBytesPerSession;
    private final long queuedBytes;
    private final Optional<Rate> requestsPerTunnel;
    private final OptionalLong bodyBytes;
    private final Rate failedLogins;

    private RelayLimits(Builder b) {
        connections = b.connections;
        connectionsPerAddress = b.connectionsPerAddress;
        sessions = b.sessions;
        sessionsPerOwner = b.sessionsPerOwner;
        handshakesPerAddress = b.handshakesPerAddress;
        failedHandshakes = b.failedHandshakes;
        failedDataConnections = b.failedDataConnections;
        tunnelsPerAgent = b.tunnelsPerAgent;
        streamsPerTunnel = b.streamsPerTunnel;
        waitingPerTunnel = b.waitingPerTunnel;
        credit = b.credit;
        queuedBytes = b.queuedBytes;
        queuedBytesPerSession = Math.min(b.queuedBytesPerSession, queuedBytes);
        requestsPerTunnel = Optional.ofNullable(b.requestsPerTunnel);
        bodyBytes = b.bodyBytes;
        failedLogins = b.failedLogins;
    }

    /** Connections of visitors and agents in all. */
    public int connections() {
        return connections;
    }

    /** Connections of visitors from one address, and of agents until they have proved who they are. */
    public int connectionsPerAddress() {
        return connectionsPerAddress;
    }

    /** Agents' sessions in all. */
    public int sessions() {
        return sessions;
    }

    /** Sessions of the agents of one owner, which is one token or certificate. */
    public int sessionsPerOwner() {
        return sessionsPerOwner;
    }

    /** Agents of one address that are about to register. */
    public int handshakesPerAddress() {
        return handshakesPerAddress;
    }

    /** Failed authentications of agents from one address. */
    public Rate failedHandshakes() {
        return failedHandshakes;
    }

    /** Data connections from one address that nobody asked for. */
    public Rate failedDataConnections() {
        return failedDataConnections;
    }

    /** Tunnels of one agent. */
    public int tunnelsPerAgent() {
        return tunnelsPerAgent;
    }

    /** Open data streams of one tunnel. */
    public int streamsPerTunnel() {
        return streamsPerTunnel;
    }

    /** Visitors that wait for one tunnel's agent to come back. */
    public int waitingPerTunnel() {
        return waitingPerTunnel;
    }

    /** Bytes that an agent may send on a stream before the relay consumed any. */
    public int credit() {
        return credit;
    }

    /** Bytes that one session's agent may send on all its streams before the relay consumed any. */
    public long queuedBytesPerSession() {
        return queuedBytesPerSession;
    }

    /** Bytes that all agents may send before the relay consumed any. */
    public long queuedBytes() {
        return queuedBytes;
    }

    /** Requests to one tunnel, whatever its agent asks for; empty for any. */
    public Optional<Rate> requestsPerTunnel() {
        return requestsPerTunnel;
    }

    /** The largest body of a request, whatever a tunnel's agent asks for; empty for any. */
    public OptionalLong bodyBytes() {
        return bodyBytes;
    }

    /** Wrong passwords for one tunnel from one address. */
    public Rate failedLogins() {
        return failedLogins;
    }

    /** Collects limits; each method checks its argument. */
    public static final class Builder {
        private int connections = defaultConnections();
        private int connectionsPerAddress = 4096;
        private int sessions = 10_000;
        private int sessionsPerOwner = 1_000;
        private int handshakesPerAddress = 256;
        private Rate failedHandshakes = Rate.perMinute(30);
        private Rate failedDataConnections = Rate.perMinute(300);
        private int tunnelsPerAgent = 64;
        private int streamsPerTunnel = 4096;
        private int waitingPerTunnel = 1024;
        private int credit = 256 * 1024;
        private long queuedBytesPerSession = MOST_QUEUED / 2;
        private long queuedBytes = MOST_QUEUED;
        private @Nullable Rate requestsPerTunnel;
        private OptionalLong bodyBytes = OptionalLong.empty();
        private Rate failedLogins = Rate.perMinute(30);

        Builder() {}

        private static int defaultConnections() {
            return (int) Math.min(MOST_CONNECTIONS, HEAP / HEAP_PER_CONNECTION);
        }

        private static long atLeast(String what, long value, long lowest) {
            if (value < lowest) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION, what + " must be at least " + lowest + ", not " + value + ".");
            }
            return value;
        }

        /**
         * Connections of visitors and agents in all, at most. One more takes the place of a visitor's that has no request under way; if there
         * is none, it is closed at once. Default: one for each 16 KiB of the largest heap, at most 65,536.
         */
        public Builder connections(int count) {
            this.connections = AgentOptions.inRange("connections", count, 16, 1 << 24);
            return this;
        }

        /**
         * Connections from one address (one {@code /64} in IPv6), at most; one more is closed at once. Trusted proxies have no such limit, and
         * an agent's connections count until it has proved who it is. Default: 4,096.
         */
        public Builder connectionsPerAddress(int count) {
            this.connectionsPerAddress = AgentOptions.inRange("connectionsPerAddress", count, 1, 1 << 24);
            return this;
        }

        /** Agents' sessions in all, at most; another agent is told to try again. One that comes back finds its session. Default: 10,000. */
        public Builder sessions(int count) {
            this.sessions = AgentOptions.inRange("sessions", count, 1, 1 << 20);
            return this;
        }

        /**
         * Sessions of one owner's agents ({@link AgentIdentity#owner}: one token, or one certificate's name), at most, those that are away
         * for the moment included; another agent is told to try again. Without an authenticator all agents have one owner. Default: 1,000.
         */
        public Builder sessionsPerOwner(int count) {
            this.sessionsPerOwner = AgentOptions.inRange("sessionsPerOwner", count, 1, 1 << 20);
            return this;
        }

        /**
         * Agents of one address that are between their handshake and its end, the registration, at most; one more gets 503 and tries
         * again. Default: 256.
         */
        public Builder handshakesPerAddress(int count) {
            this.handshakesPerAddress = AgentOptions.inRange("handshakesPerAddress", count, 1, 1 << 20);
            return this;
        }

        /**
         * Failed authentications of agents from one address; beyond that the address gets 429 without a look at its token. Default: 30 a
         * minute.
         */
        public Builder failedHandshakes(Rate rate) {
            this.failedHandshakes = rate;
            return this;
        }

        /**
         * Data connections from one address with an unknown id or a wrong secret; those beyond are answered 429 in place of 404. A right
         * one is let in all the same, so that nobody shuts out an agent behind the same address. Default: 300 a minute.
         */
        public Builder failedDataConnections(Rate rate) {
            this.failedDataConnections = rate;
            return this;
        }

        /** Tunnels of one agent, at most. Default: 64. */
        public Builder tunnelsPerAgent(int count) {
            this.tunnelsPerAgent = AgentOptions.inRange("tunnelsPerAgent", count, 1, 1 << 16);
            return this;
        }

        /** Open data streams of one tunnel, at most; visitors beyond get 503. Default: 4,096. */
        public Builder streamsPerTunnel(int count) {
            this.streamsPerTunnel = AgentOptions.inRange("streamsPerTunnel", count, 1, 1 << 20);
            return this;
        }

        /** Visitors that wait for one tunnel's agent to come back, at most; others get 503 at once. Default: 1,024. */
        public Builder waitingPerTunnel(int count) {
            this.waitingPerTunnel = AgentOptions.inRange("waitingPerTunnel", count, 0, 1 << 20);
            return this;
        }

        /**
         * Bytes that an agent may send on a stream before the relay consumed any: 1,024 to 16 MiB. On a small heap a stream starts with less,
         * so that some thousand fit, and gets more when that holds the agent up. Default: 256 KiB.
         */
        public Builder credit(int bytes) {
            this.credit = AgentOptions.inRange("credit", bytes, 1024, 16 << 20);
            return this;
        }

        /**
         * Bytes that one agent may send on all its streams before the relay consumed any: 64 KiB to {@link #queuedBytes}. A stream sets its
         * {@link #credit} aside when it opens; one for which too little is left is refused. Default: an eighth of the largest heap.
         */
        public Builder queuedBytesPerSession(long bytes) {
            this.queuedBytesPerSession = atLeast("queuedBytesPerSession", bytes, LEAST_QUEUED);
            return this;
        }

        /**
         * Bytes that all agents may send before the relay consumed any: 64 KiB to a quarter of the largest heap, which is also what all relays
         * and agents of a process have together. Default: that quarter.
         */
        public Builder queuedBytes(long bytes) {
            if (bytes > MOST_QUEUED) {
                throw new TunnelException(
                        TunnelError.BAD_CONFIGURATION,
                        "queuedBytes must be at most " + MOST_QUEUED + ", a quarter of the largest heap, not " + bytes
                                + ". Give the process more memory (-Xmx).");
            }
            this.queuedBytes = atLeast("queuedBytes", bytes, LEAST_QUEUED);
            return this;
        }

        /** Requests to one tunnel, whatever its agent asks for; those beyond get 429. Default: any. */
        public Builder requestsPerTunnel(Rate rate) {
            this.requestsPerTunnel = rate;
            return this;
        }

        /** The largest body of a request in bytes, whatever a tunnel's agent asks for; a larger one gets 413. Default: any. */
        public Builder bodyBytes(long bytes) {
            this.bodyBytes = OptionalLong.of(atLeast("bodyBytes", bytes, 0));
            return this;
        }

        /**
         * Wrong passwords for one tunnel from one address; beyond that the address gets 429 without a look at its password. Default: 30 a
         * minute.
         */
        public Builder failedLogins(Rate rate) {
            this.failedLogins = rate;
            return this;
        }

        RelayLimits build() {
            return new RelayLimits(this);
        }
    }
}
