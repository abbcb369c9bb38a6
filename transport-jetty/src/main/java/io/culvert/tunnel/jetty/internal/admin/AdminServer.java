package io.culvert.tunnel.jetty.internal.admin;

import io.culvert.tunnel.AdminOptions;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.jetty.internal.io.RoleThreads;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The admin port, on a server and a few threads of its own, so that it answers when the edge is busy. */
public final class AdminServer implements AutoCloseable {
    private static final int MAX_THREADS = 8;
    private static final int MAX_CONNECTIONS = 64;
    private static final long IDLE_MILLIS = 30_000;

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    private final Server server;
    private final URI uri;

    /**
     * Starts to listen.
     *
     * @param ready whether visitors are served now
     * @param handlers asked in turn before the application's pages, for requests that may see them; each answers or returns false
     * @param tls puts TLS before HTTP, for a port that listens beyond loopback
     * @throws TunnelException {@code BIND_FAILED} if the address cannot be had
     */
    public AdminServer(
            AdminOptions options,
            BooleanSupplier ready,
            List<Handler> handlers,
            Optional<Function<ConnectionFactory, ConnectionFactory>> tls) {
        server = new Server(
                new RoleThreads("culvert-admin", MAX_THREADS, 1),
                RoleThreads.scheduler("culvert-admin-scheduler"),
                null);
        server.setStopTimeout(0);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        ConnectionFactory plain = new HttpConnectionFactory(http);
        ConnectionFactory[] factories = tls.map(before -> new ConnectionFactory[] {before.apply(plain), plain})
                .orElseGet(() -> new ConnectionFactory[] {plain});
        ServerConnector connector = new ServerConnector(server, 0, 1, factories);
        connector.setHost(options.bind());
        connector.setPort(options.port());
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        server.setHandler(new AdminHandler(options, ready, handlers));
        try {
            server.start();
        } catch (Exception x) {
            close();
            throw new TunnelException(
                    TunnelError.BIND_FAILED,
                    "The relay's admin port cannot listen on " + options.bind() + ":" + options.port()
                            + ". Is the port in use?",
                    x);
        }
        String host = options.bind().contains(":") ? "[" + options.bind() + "]" : options.bind();
        uri = URI.create((tls.isPresent() ? "https://" : "http://") + host + ":" + connector.getLocalPort());
        LOG.info("The relay's admin port listens at {}", uri);
    }

    /** Its address. */
    public URI uri() {
        return uri;
    }

    /** Cuts every connection and releases the threads. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception x) {
            LOG.warn("The admin port did not stop cleanly", x);
        } finally {
            server.destroy();
        }
    }
}
