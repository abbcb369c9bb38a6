package io.culvert.tunnel.jetty.internal.agent;

import io.culvert.tunnel.AgentOptions;
import io.culvert.tunnel.StreamInfo;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.net.AgentNetwork;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.core.net.StreamDecoder;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.JettyAgentHost;
import io.culvert.tunnel.jetty.internal.capture.CaptureDecoders;
import io.culvert.tunnel.jetty.internal.channel.WebSocketCarrier;
import io.culvert.tunnel.jetty.internal.io.RoleThreads;
import io.culvert.tunnel.jetty.internal.io.TlsStores;
import io.culvert.tunnel.jetty.internal.io.TunnelClientConnector;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent's network on one Jetty client: one dialler, one selector and a few daemon threads for everything. */
public final class JettyAgentNetwork implements AgentNetwork, JettyAgentHost {
    private static final Logger LOG = LoggerFactory.getLogger(JettyAgentNetwork.class);
    private static final String CONTROL_PATH = "/_tunnel/control";

    /** How long connecting to one address of the relay, and its answer to a handshake, may take. */
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private static final int MAX_THREADS = 16;
    private static final int STOP_MILLIS = 2_000;

    private final RoleThreads threads = new RoleThreads("culvert-agent", MAX_THREADS, 1);
    private final TunnelClientConnector connector;
    private final WebSocketClient client;
    private final AgentTls tls = new AgentTls();
    private final ProxyChoice proxies;
    private final Optional<CaptureDecoders> decoders;

    /** Whether there is a certificate to show to relays. */
    private final boolean certified;

    /** Relays for which the client knows its proxy. */
    private final Set<Authority> proxied = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Where the control channel got through last: the data connections must reach the same relay, as far as it is the agent that looks its
     * address up.
     */
    private volatile @Nullable Reached reached;

    private record Reached(Authority authority, InetSocketAddress address) {}

    /** A network with the usual options, ready to dial. */
    public JettyAgentNetwork() {
        this(TunnelAgent.builder().options());
    }

    /** A network that is ready to dial. */
    public JettyAgentNetwork(AgentOptions options) {
        this(options, System::getenv);
    }

    JettyAgentNetwork(AgentOptions options, Function<String, @Nullable String> environment) {
        proxies = new ProxyChoice(options.proxy(), environment);
        decoders = options.capture().map(CaptureDecoders::new);
        threads.setStopTimeout(STOP_MILLIS);
        Scheduler scheduler = RoleThreads.scheduler("culvert-agent-timer");
        ArrayByteBufferPool buffers = new ArrayByteBufferPool();
        connector = new TunnelClientConnector(scheduler);
        connector.setExecutor(threads);
        connector.setByteBufferPool(buffers);
        SslContextFactory.Client relayTls = AgentTls.forRelay();
        TlsStores stores = new TlsStores("The agent", options.certificate(), options.trust(), relayTls);
        certified = options.certificate().isPresent();
        connector.setSslContextFactory(relayTls);
        connector.setSelectors(1);

        HttpClient http = new HttpClient(new HttpClientTransportDynamic(connector));
        http.setExecutor(threads);
        http.setScheduler(scheduler);
        http.setByteBufferPool(buffers);
        http.setConnectTimeout(HANDSHAKE_TIMEOUT.toMillis());
        http.setIdleTimeout(0);
        http.setFollowRedirects(false);
        http.setHttpCookieStore(new HttpCookieStore.Empty());
        http.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "culvert-agent"));
        try {
            // First: made on one that is stopped, a WebSocket client brings threads of its own, which are no daemons.
            http.start();
            client = new WebSocketClient(http);
            client.setStopTimeout(STOP_MILLIS);
            client.start();
            stores.watch(scheduler, threads);
        } catch (Exception x) {
            LifeCycle.stop(http);
            throw new TunnelException(TunnelError.INTERNAL, "The agent's network could not start: " + x, x);
        }
    }

    @Override
    public CompletableFuture<Carrier> connect(
            URI relay, Optional<String> token, Function<Carrier, Carrier.Listener> listener) {
        Authority authority = Authority.of(relay);
        Optional<ProxyServer> proxy;
        try {
            proxy = proxyTo(authority);
        } catch (TunnelException x) {
            return CompletableFuture.failedFuture(x);
        }
        WebSocketCarrier carrier = new WebSocketCarrier(listener);
        CompletableFuture<Session> opening;
        try {
            ClientUpgradeRequest request = new ClientUpgradeRequest(authority.webSocket(CONTROL_PATH));
            request.setTimeout(HANDSHAKE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            token.ifPresent(t -> request.setHeader(HttpHeader.AUTHORIZATION.asString(), "Bearer " + t));
            opening = client.connect(carrier, request);
        } catch (IOException | RuntimeException x) {
            opening = CompletableFuture.failedFuture(x);
        }
        return opening.handle((session, failure) -> {
            if (failure != null) {
                throw RelayFailure.explain(relay, CONTROL_PATH, proxy, certified, failure);
            }
            if (proxy.isEmpty() && session.getRemoteSocketAddress() instanceof InetSocketAddress address) {
                reached = new Reached(authority, authority.named(address));
            }
            return carrier;
        });
    }

    private Optional<ProxyServer> proxyTo(Authority authority) {
        Optional<ProxyServer> proxy = proxies.to(authority);
        proxy.filter(server -> proxied.add(authority))
                .ifPresent(server -> RelayProxy.use(server, authority, client.getHttpClient()));
        return proxy;
    }

    @Override
    public CompletableFuture<MeteredConnection> dialLocal(LocalTarget target, Duration timeout) {
        SslContextFactory.Client checked = target.tls().map(tls::forLocal).orElse(null);
        return new LocalDial(connector, target.host(), target.port(), checked).start(timeout);
    }

    @Override
    public CompletableFuture<EndPointStream> upgrade(
            URI relay, String path, String protocol, HttpFields fields, String streamId) {
        Authority authority = Authority.of(relay);
        try {
            Optional<ProxyServer> proxy = proxies.to(authority);
            UpgradeDial dial = new UpgradeDial(connector, authority, proxy, path, protocol, fields, streamId);
            Reached known = reached;
            if (known != null && known.authority().equals(authority)) {
                dial.start(known.address(), HANDSHAKE_TIMEOUT);
            } else {
                String host = proxy.map(ProxyServer::host).orElse(authority.host());
                int port = proxy.map(ProxyServer::port).orElse(authority.port());
                threads.execute(() -> dial.start(new InetSocketAddress(host, port), HANDSHAKE_TIMEOUT));
            }
            return dial.result();
        } catch (RejectedExecutionException x) {
            return CompletableFuture.failedFuture(
                    new StreamException(TunnelError.CLOSING, "The agent's network is closed: " + path, x));
        } catch (TunnelException x) {
            return CompletableFuture.failedFuture(new StreamException(x.error(), x.getMessage(), x));
        } catch (IllegalArgumentException x) {
            return CompletableFuture.failedFuture(
                    new StreamException(TunnelError.INTERNAL, "Not a request that can be sent: " + x.getMessage(), x));
        }
    }

    @Override
    public Optional<StreamDecoder> decoder(String stream, StreamInfo about) {
        return decoders.map(made -> made.decoder(stream, about));
    }

    @Override
    public Executor executor() {
        return threads;
    }

    @Override
    public <T> Optional<T> host(Class<T> type) {
        return type == JettyAgentHost.class ? Optional.of(type.cast(this)) : Optional.empty();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            client.stop();
            client.getHttpClient().stop();
        } catch (Exception x) {
            LOG.warn("The agent's network did not stop cleanly", x);
        } finally {
            tls.stop();
        }
    }
}
