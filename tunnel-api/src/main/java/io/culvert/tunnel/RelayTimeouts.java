package io.culvert.tunnel;

import java.time.Duration;

/**
 * How long a relay waits in each phase of a connection. Immutable; set by {@link RelayOptions.Builder#timeouts}. What ends by one is counted:
 * {@link TunnelMetrics#limitReached}. An upgraded connection has no time-out: it may be silent for as long as it likes.
 */
public final class RelayTimeouts {
    private final Duration tlsHandshake;
    private final Duration requestHead;
    private final Duration requestBody;
    private final Duration register;
    private final Duration open;
    private final Duration response;
    private final Duration responseIdle;
    private final Duration unread;
    private final Duration idle;
    private final Duration reuse;

    private RelayTimeouts(Builder b) {
        tlsHandshake = b.tlsHandshake;
        requestHead = b.requestHead;
        requestBody = b.requestBody;
        register = b.register;
        open = b.open;
        response = b.response;
        responseIdle = b.responseIdle;
        unread = b.unread;
        idle = b.idle;
        reuse = b.reuse;
    }

    /** From a connection's opening until TLS stands. */
    public Duration tlsHandshake() {
        return tlsHandshake;
    }

    /** From a connection's opening, or the first byte of a later request, until the request's head is complete. */
    public Duration requestHead() {
        return requestHead;
    }

    /** Without a byte of a request's body. */
    public Duration requestBody() {
        return requestBody;
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

    /** Without a byte of an answer that has begun. */
    public Duration responseIdle() {
        return responseIdle;
    }

    /** Without a visitor taking a byte of its answer. */
    public Duration unread() {
        return unread;
    }

    /** Between a visitor's requests. */
    public Duration idle() {
        return idle;
    }

    /** Between two requests on a stream to a local service. */
    public Duration reuse() {
        return reuse;
    }

    /** Collects time-outs; each method checks its argument. */
    public static final class Builder {
        private Duration tlsHandshake = Duration.ofSeconds(10);
        private Duration requestHead = Duration.ofSeconds(30);
        private Duration requestBody = Duration.ofSeconds(60);
        private Duration register = Duration.ofSeconds(5);
        private Duration open = Duration.ofSeconds(10);
        private Duration response = Duration.ofSeconds(60);
        private Duration responseIdle = Duration.ofHours(1);
        private Duration unread = Duration.ofSeconds(60);
        private Duration idle = Duration.ofSeconds(60);
        private Duration reuse = Duration.ofSeconds(30);

        Builder() {}

        /** How long the TLS handshake of a visitor or agent may take in all; then the connection is closed. Default: 10 s. */
        public Builder tlsHandshake(Duration timeout) {
            this.tlsHandshake = AgentOptions.positive("tlsHandshake", timeout);
            return this;
        }

        /**
         * How long a request's head may take in all, however it trickles, and how long a new connection may stay without one; then the
         * connection is closed. Default: 30 s.
         */
        public Builder requestHead(Duration timeout) {
            this.requestHead = AgentOptions.positive("requestHead", timeout);
            return this;
        }

        /** How long a visitor may pause within a request's body; then it gets 408. Default: 60 s. */
        public Builder requestBody(Duration timeout) {
            this.requestBody = AgentOptions.positive("requestBody", timeout);
            return this;
        }

        /** How long a new control channel may stay without registering. Default: 5 s. */
        public Builder register(Duration timeout) {
            this.register = AgentOptions.positive("register", timeout);
            return this;
        }

        /** How long an agent may take to bring a stream; then the visitor gets 504. Default: 10 s. */
        public Builder open(Duration timeout) {
            this.open = AgentOptions.positive("open", timeout);
            return this;
        }

        /** How long a local service may stay silent before the head of its answer; then the visitor gets 504. Default: 60 s. */
        public Builder response(Duration timeout) {
            this.response = AgentOptions.positive("response", timeout);
            return this;
        }

        /**
         * How long a local service may pause within its answer; then that is cut. Events sent by a server may be far apart, so this is long.
         * Default: 1 h.
         */
        public Builder responseIdle(Duration timeout) {
            this.responseIdle = AgentOptions.positive("responseIdle", timeout);
            return this;
        }

        /** How long a visitor may take no byte of an answer that waits for it; then its connection is reset. Default: 60 s. */
        public Builder unread(Duration timeout) {
            this.unread = AgentOptions.positive("unread", timeout);
            return this;
        }

        /** How long a visitor's connection may be idle between requests; then it is closed. Default: 60 s. */
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
