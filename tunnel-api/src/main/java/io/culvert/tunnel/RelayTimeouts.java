package io.culvert.tunnel;

import java.time.Duration;

/**
 * How long a relay waits in each phase of a connection. Immutable; set by {@link RelayOptions.Builder#timeouts}. An upgraded connection has
 * no time-out: it may be silent for as long as it likes.
 */
public final class RelayTimeouts {
    private final Duration register;
    private final Duration open;
    private final Duration response;
    private final Duration idle;
    private final Duration reuse;

    private RelayTimeouts(Builder b) {
        register = b.register;
        open = b.open;
        response = b.response;
        idle = b.idle;
        reuse = b.reuse;
    }

    /** From a control channel's opening until its agent has registered. */
    public Duration register() {
        return register;
    }

    /** From the wish for a data stream until the agent brought it. */
    public Duration open() {
        return open;
    }

    /** From the end of a request until the head of the local service's answer. */
    public Duration response() {
        return response;
    }

    /** Without a byte from or to a visitor, within or between requests. */
    public Duration idle() {
        return idle;
    }

    /** Between two requests on a stream to a local service. */
    public Duration reuse() {
        return reuse;
    }

    /** Collects time-outs; each method checks its argument. */
    public static final class Builder {
        private Duration register = Duration.ofSeconds(5);
        private Duration open = Duration.ofSeconds(10);
        private Duration response = Duration.ofSeconds(60);
        private Duration idle = Duration.ofSeconds(60);
        private Duration reuse = Duration.ofSeconds(30);

        Builder() {}

        /** How long a new control channel may stay without registering. Default: 5 s. */
        public Builder register(Duration timeout) {
            this.register = AgentOptions.positive("register", timeout);
            return this;
        }

        /** How long an agent may take to bring a stream. Default: 10 s. */
        public Builder open(Duration timeout) {
            this.open = AgentOptions.positive("open", timeout);
            return this;
        }

        /** How long a local service may stay silent before the head of its answer. Default: 60 s. */
        public Builder response(Duration timeout) {
            this.response = AgentOptions.positive("response", timeout);
            return this;
        }

        /** How long a visitor's connection may be idle within or between requests. Default: 60 s. */
        public Builder idle(Duration timeout) {
            this.idle = AgentOptions.positive("idle", timeout);
            return this;
        }

        /**
         * How long a stream, and with it a connection to the local service, is kept for the next request. Best below what the service waits
         * itself. Default: 30 s.
         */
        public Builder reuse(Duration timeout) {
            this.reuse = AgentOptions.positive("reuse", timeout);
            return this;
        }

        RelayTimeouts build() {
            return new RelayTimeouts(this);
        }
    }
}
