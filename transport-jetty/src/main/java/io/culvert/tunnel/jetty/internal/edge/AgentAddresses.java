package io.culvert.tunnel.jetty.internal.edge;

import io.culvert.tunnel.jetty.internal.proxy.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Request;

/** Where agents come from, for what is limited by address. */
record AgentAddresses(Predicate<InetAddress> trusted) {
    /** Whom a trusted proxy names; the proxy itself where it names nobody; else the peer. Empty for what is no IP connection. */
    Optional<InetAddress> of(Request request) {
        return new Peer(request, trusted)
                .address()
                .or(() -> request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress inet
                        ? Optional.ofNullable(inet.getAddress())
                        : Optional.empty());
    }
}
