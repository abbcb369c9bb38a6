package io.culvert.tunnel.tcp;

import io.culvert.tunnel.jetty.JettyRelayHost;
import io.culvert.tunnel.jetty.internal.io.TunnelConnector;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/** A relay's listener that has nothing but what transports reserve. */
final class RelayServer implements JettyRelayHost, AutoCloseable {
    private final Server server;
    private final TunnelConnector connector;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final boolean tls;

    RelayServer() throws Exception {
        this(false);
    }

    RelayServer(boolean tls) throws Exception {
        this.tls = tls;
        QueuedThreadPool threads = new QueuedThreadPool(16, 1);
        threads.setName("relay-server");
        threads.setDaemon(true);
        server = new Server(threads, new ScheduledExecutorScheduler("relay-server-timer", true), null);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendDateHeader(false);
        http.setSendServerVersion(false);
        http.setHttpCompliance(HttpCompliance.STRICT);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        connector = tls
                ? new TunnelConnector(
                        server, 1, 1, new SslConnectionFactory(TestTls.server(), plain.getProtocol()), plain)
                : new TunnelConnector(server, 1, 1, plain);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setStopTimeout(0);
        server.setHandler(new Handler.Abstract.NonBlocking() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                for (Map.Entry<String, Handler> reserved : handlers.entrySet()) {
                    if (request.getHttpURI().getPath().startsWith(reserved.getKey())) {
                        return reserved.getValue().handle(request, response, callback);
                    }
                }
                return false;
            }
        });
        server.start();
    }

    /** What whoever is not let in is told to wait. */
    volatile long waitSeconds;

    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger admitted = new AtomicInteger();

    @Override
    public void admitted(Request request) {
        admitted.incrementAndGet();
    }

    @Override
    public long refused(Request request) {
        refused.incrementAndGet();
        return waitSeconds;
    }

    int port() {
        return connector.getLocalPort();
    }

    URI uri() {
        return URI.create((tls ? "wss" : "ws") + "://127.0.0.1:" + port());
    }

    int connections() {
        return connector.getConnectedEndPoints().size();
    }

    /** What is open, and what it is at. */
    String state() {
        return connector.getConnectedEndPoints().toString();
    }

    @Override
    public <H extends Handler> H reserved(String pathPrefix, Class<H> type, Supplier<H> handler) {
        return type.cast(handlers.computeIfAbsent(pathPrefix, prefix -> {
            H made = handler.get();
            made.setServer(server);
            try {
                made.start();
            } catch (Exception x) {
                throw new IllegalStateException(x);
            }
            return made;
        }));
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
