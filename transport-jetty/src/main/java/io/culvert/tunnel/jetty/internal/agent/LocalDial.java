package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.jetty.internal.io.TunnelClientConnector;
import io.culvert.tunnel.spi.StreamException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** Connects to the local service once: every address of its host in turn until one accepts or the time is over. */
final class LocalDial {
    private final TunnelClientConnector connector;
    private final String host;
    private final int port;
    private final SslContextFactory.@Nullable Client tls;

    /** The service accepted the connection; what is left is TLS. */
    private volatile boolean handshaking;

    private final CompletableFuture<MeteredConnection> result = new CompletableFuture<>();

    /**
     * A dial that has not begun.
     *
     * @param tls checks the service's certificate; {@code null} to speak without TLS
     */
    LocalDial(TunnelClientConnector connector, String host, int port, SslContextFactory.@Nullable Client tls) {
        this.connector = connector;
        this.host = host;
        this.port = port;
        this.tls = tls;
    }

    CompletableFuture<MeteredConnection> start(Duration timeout) {
        Runnable inTime = connector.deadlines().after(timeout, this::timeOut);
        result.whenComplete((connection, failure) -> inTime.run());
        if (host.equals("localhost")) {
            // What it resolves to depends on the machine; services listen on either address.
            tryAll(List.of(address(127, 0, 0, 1), address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)));
        } else {
            try {
                connector.getExecutor().execute(this::resolve);
            } catch (RejectedExecutionException x) {
                result.completeExceptionally(new StreamException(TunnelError.CLOSING, "The agent is closing.", x));
            }
        }
        return result;
    }

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress("localhost", bytes);
        } catch (UnknownHostException x) {
            throw new IllegalArgumentException(x); // only for a wrong length
        }
    }

    private void resolve() {
        try {
            tryAll(Arrays.asList(InetAddress.getAllByName(host)));
        } catch (UnknownHostException x) {
            refuse(TunnelError.LOCAL_REFUSED, "The host of the local service, " + host + ", is unknown.", x);
        }
    }

    private void tryAll(List<InetAddress> addresses) {
        tryNext(addresses, addresses.iterator());
    }

    private void tryNext(List<InetAddress> all, Iterator<InetAddress> left) {
        if (result.isDone()) {
            return;
        }
        Map<String, Object> context = new ConcurrentHashMap<>();
        context.put(Transport.CONTEXT_KEY, Transport.TCP_IP);
        context.put(ClientConnectionFactory.CONTEXT_KEY, factory());
        context.put(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY, new Promise<Connection>() {
            @Override
            public void succeeded(Connection connection) {
                if (connection instanceof LocalSocket socket) {
                    connected(socket);
                } // else TLS comes first
            }

            @Override
            public void failed(Throwable cause) {
                if (left.hasNext()) {
                    tryNext(all, left);
                } else if (cause instanceof SocketTimeoutException) {
                    timeOut();
                } else {
                    refuse(
                            TunnelError.LOCAL_REFUSED,
                            "Nothing accepts connections on " + name() + tried(all) + ". Is the local service running?",
                            cause);
                }
            }
        });
        connector.connect(new InetSocketAddress(left.next(), port), context);
    }

    private ClientConnectionFactory factory() {
        return tls == null
                ? (endPoint, c) -> new LocalSocket(endPoint, connector)
                : connector.newSslClientConnectionFactory(tls, (endPoint, c) -> {
                    handshaking = true;
                    return new LocalHandshake(endPoint, connector, result, this::connected, this::failHandshake);
                });
    }

    private void connected(LocalSocket socket) {
        if (!result.complete(socket)) {
            socket.close(); // too late: nobody waits any more
        }
    }

    private void failHandshake(Throwable cause) {
        refuse(
                TunnelError.LOCAL_REFUSED,
                "The local service on " + name() + " could not be reached over TLS: "
                        + TlsProblem.of(cause).orElseGet(cause::getMessage) + ".",
                cause);
    }

    private static String tried(List<InetAddress> all) {
        return all.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(" and ", " (tried ", ")"));
    }

    private String name() {
        return HostPort.normalizeHost(host) + ":" + port;
    }

    private void timeOut() {
        refuse(
                TunnelError.LOCAL_TIMEOUT,
                "The local service on " + name()
                        + (handshaking
                                ? " did not answer in time to what begins TLS. Does it speak https?"
                                : " did not accept the connection in time."),
                null);
    }

    private void refuse(TunnelError error, String message, @Nullable Throwable cause) {
        result.completeExceptionally(new StreamException(error, message, cause));
    }
}
