package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.internal.io.TunnelClientConnector;
import io.culvert.tunnel.spi.StreamException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** One dial to the relay that asks for an upgrade, up to the 101: through a proxy and TLS if need be. */
final class UpgradeDial {
    private final TunnelClientConnector connector;
    private final Authority authority;
    private final Optional<ProxyServer> proxy;
    private final UpgradeRequest request;
    private final String streamId;
    private final CompletableFuture<EndPointStream> result = new CompletableFuture<>();

    UpgradeDial(
            TunnelClientConnector connector,
            Authority authority,
            Optional<ProxyServer> proxy,
            String path,
            String protocol,
            HttpFields fields,
            String streamId) {
        this.connector = connector;
        this.authority = authority;
        this.proxy = proxy;
        this.request = new UpgradeRequest(authority.toString(), path, protocol, fields);
        this.streamId = streamId;
    }

    CompletableFuture<EndPointStream> result() {
        return result;
    }

    /** Dials the relay's address, or the proxy's. */
    void start(InetSocketAddress address, Duration timeout) {
        Runnable inTime = connector.deadlines().after(timeout, () -> fail("did not answer in time", null));
        result.whenComplete((stream, failure) -> inTime.run());

        Map<String, Object> context = new ConcurrentHashMap<>();
        context.put(Transport.CONTEXT_KEY, Transport.TCP_IP);
        context.put(ClientConnectionFactory.CONTEXT_KEY, factory());
        context.put(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY, new Promise<Connection>() {
            @Override
            public void failed(Throwable cause) {
                String what = "could not be reached (" + cause.getMessage() + ")";
                if (proxy.isPresent()) {
                    failAtProxy(what, cause);
                } else {
                    fail(what, cause);
                }
            }
        });
        connector.connect(address, context);
    }

    private ClientConnectionFactory factory() {
        ClientConnectionFactory upgrade =
                (endPoint, c) -> new UpgradeConnection(endPoint, connector, request, streamId, result, this::fail);
        ClientConnectionFactory direct = authority.secure()
                ? connector.newSslClientConnectionFactory(connector.getSslContextFactory(), upgrade)
                : upgrade;
        return proxy.<ClientConnectionFactory>map(server -> (endPoint, context) -> {
                    // What TLS checks the certificate against is behind the proxy, which looks its address up.
                    context.put(
                            ClientConnector.REMOTE_SOCKET_ADDRESS_CONTEXT_KEY,
                            InetSocketAddress.createUnresolved(authority.host(), authority.port()));
                    ConnectConnection.Next next = () -> direct.newConnection(endPoint, context);
                    return new ConnectConnection(
                            endPoint, connector, server, authority, next, result, this::failAtProxy);
                })
                .orElse(direct);
    }

    private void fail(String what, @Nullable Throwable cause) {
        String message = TlsProblem.of(cause)
                .map(problem -> RelayFailure.untrusted(authority.toString(), problem))
                .orElseGet(() -> "The relay at " + authority
                        + proxy.map(p -> ", reached through the proxy at " + p + ",")
                                .orElse("") + " " + what + ": " + request);
        fail(message, cause, TunnelError.RELAY_UNREACHABLE);
    }

    private void failAtProxy(String what, @Nullable Throwable cause) {
        String server = proxy.map(ProxyServer::toString).orElse("");
        fail(
                "The proxy at " + server + ", on the way to the relay at " + authority + ", " + what + ".",
                cause,
                TunnelError.RELAY_UNREACHABLE);
    }

    private void fail(String message, @Nullable Throwable cause, TunnelError error) {
        result.completeExceptionally(new StreamException(error, message, cause));
    }
}
