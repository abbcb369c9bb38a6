package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.spi.StreamException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** One dial to the relay that asks for an upgrade, up to the 101. */
final class UpgradeDial {
    private final ClientConnector connector;
    private final Authority authority;
    private final UpgradeRequest request;
    private final String streamId;
    private final CompletableFuture<EndPointStream> result = new CompletableFuture<>();

    UpgradeDial(
            ClientConnector connector,
            Authority authority,
            String path,
            String protocol,
            HttpFields fields,
            String streamId) {
        this.connector = connector;
        this.authority = authority;
        this.request = new UpgradeRequest(authority.toString(), path, protocol, fields);
        this.streamId = streamId;
    }

    CompletableFuture<EndPointStream> result() {
        return result;
    }

    void start(InetSocketAddress address, Duration timeout) {
        Scheduler.Task timer = connector
                .getScheduler()
                .schedule(() -> fail("did not answer in time", null), timeout.toMillis(), TimeUnit.MILLISECONDS);
        result.whenComplete((stream, failure) -> timer.cancel());

        ClientConnectionFactory factory =
                (endPoint, c) -> new UpgradeConnection(endPoint, connector, request, streamId, result, this::fail);
        if (authority.secure()) {
            factory = connector.newSslClientConnectionFactory(connector.getSslContextFactory(), factory);
        }
        Map<String, Object> context = new ConcurrentHashMap<>();
        context.put(Transport.CONTEXT_KEY, Transport.TCP_IP);
        context.put(ClientConnectionFactory.CONTEXT_KEY, factory);
        context.put(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY, new Promise<Connection>() {
            @Override
            public void failed(Throwable cause) {
                fail("could not be reached (" + cause.getMessage() + ")", cause);
            }
        });
        connector.connect(address, context);
    }

    private void fail(String what, @Nullable Throwable cause) {
        result.completeExceptionally(new StreamException(
                TunnelError.RELAY_UNREACHABLE, "The relay at " + authority + " " + what + ": " + request, cause));
    }
}
