package io.culvert.tunnel.jetty;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.jetty.internal.agent.RelayRoutes;
import java.net.URI;
import java.util.Optional;

/**
 * The way that an agent takes to its relay, found as the agent finds it: for tools that look at each part of the way.
 *
 * @param host the relay's host, without the brackets of an IPv6 literal
 * @param port the relay's port, never absent
 * @param secure whether the relay is reached over TLS
 * @param proxy the HTTP proxy on the way, if there is one
 */
public record RelayRoute(String host, int port, boolean secure, Optional<Proxy> proxy) {
    /**
     * An HTTP proxy that is asked to CONNECT (RFC 9110, section 9.3.6).
     *
     * @param host without the brackets of an IPv6 literal
     * @param port never absent
     * @param authorization the value of {@code Proxy-Authorization}, if the proxy's address had a user; never log it
     */
    public record Proxy(String host, int port, Optional<String> authorization) {
        /** Host and port alone. */
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * The way to a relay.
     *
     * @param options the agent's: a proxy named there comes before those of the environment
     * @throws TunnelException {@code BAD_CONFIGURATION} if the environment names something that is no HTTP proxy
     */
    public static RelayRoute to(URI relay, AgentOptions options) {
        return RelayRoutes.to(relay, options, System::getenv);
    }

    /** What went wrong when TLS was set up, in words that go on a sentence about the peer; empty if it was not about TLS. */
    public static Optional<String> tlsProblem(Throwable failure) {
        return RelayRoutes.tlsProblem(failure);
    }

    /** Host and port as they stand in a CONNECT (RFC 9110, section 7.1). */
    public String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
