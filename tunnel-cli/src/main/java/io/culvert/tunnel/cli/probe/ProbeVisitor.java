package io.culvert.tunnel.cli.probe;

import io.culvert.tunnel.cli.application.LocalApplication;
import io.culvert.tunnel.jetty.RelayRoute;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.client.Authentication;
import org.eclipse.jetty.client.ByteBufferRequestContent;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/**
 * A visitor of a throw-away tunnel, on this machine. Whether everyone else finds the public URL is not its business: where the URL's
 * host does not resolve here it goes to the relay's own, and it takes any certificate.
 */
public final class ProbeVisitor implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;
    private static final int MAX_THREADS = 16;
    private static final int MAX_CONNECTIONS = 64;

    private final URI base;
    private final RelayRoute route;
    private final HttpClient http;
    private final WebSocketClient sockets;

    /** A visitor for a public URL; {@code route} leads to the relay behind it. */
    public ProbeVisitor(URI publicUrl, RelayRoute route) {
        this.base = publicUrl;
        this.route = route;
        SslContextFactory.Client tls = new SslContextFactory.Client(true);
        tls.setEndpointIdentificationAlgorithm(null);
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(tls);
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS);
        threads.setName("culvert-visitor");
        threads.setDaemon(true);
        http = new HttpClient(new HttpClientTransportDynamic(connector));
        http.setExecutor(threads);
        http.setFollowRedirects(false);
        http.setMaxConnectionsPerDestination(MAX_CONNECTIONS);
        http.setSocketAddressResolver(this::resolve);
        route.proxy().ifPresent(this::goThrough);
        try {
            http.start();
            sockets = new WebSocketClient(http);
            sockets.start();
        } catch (Exception x) {
            LifeCycle.stop(http);
            throw new IllegalStateException("The visitor could not start: " + x.getMessage(), x);
        }
    }

    /** A visitor of the probe's own service itself, without a tunnel. */
    public static ProbeVisitor direct(LocalApplication service) {
        String host = "127.0.0.1";
        return new ProbeVisitor(
                URI.create("http://" + host + ":" + service.port()),
                new RelayRoute(host, service.port(), false, Optional.empty()));
    }

    private void goThrough(RelayRoute.Proxy named) {
        HttpProxy proxy = new HttpProxy(new Origin.Address(named.host(), named.port()), false);
        named.authorization().ifPresent(value -> http.getAuthenticationStore()
                .addAuthenticationResult(new ProxyCredentials(proxy.getURI(), value)));
        http.getProxyConfiguration().addProxy(proxy);
    }

    private record ProxyCredentials(URI uri, String value) implements Authentication.Result {
        @Override
        public URI getURI() {
            return uri;
        }

        @Override
        public void apply(Request request) {
            request.headers(fields -> fields.put(HttpHeader.PROXY_AUTHORIZATION, value));
        }
    }

    private void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
        http.getExecutor().execute(() -> {
            try {
                InetAddress[] found = host.equals(base.getHost()) ? find(host, route.host()) : addresses(host);
                promise.succeeded(Arrays.stream(found)
                        .map(address -> new InetSocketAddress(address, port))
                        .toList());
            } catch (UnknownHostException x) {
                promise.failed(x);
            }
        });
    }

    private static InetAddress[] find(String host, String otherwise) throws UnknownHostException {
        try {
            return addresses(host);
        } catch (UnknownHostException x) {
            return addresses(otherwise);
        }
    }

    private static InetAddress[] addresses(String host) throws UnknownHostException {
        return InetAddress.getAllByName(host);
    }

    /**
     * Asks for some bytes.
     *
     * @return how long the answer took, in nanoseconds
     * @throws IOException if it is another answer
     */
    public long get(int size) throws IOException, InterruptedException {
        long start = System.nanoTime();
        ContentResponse response = send(http.newRequest(base.resolve(ProbeService.BYTES + size)));
        long nanos = System.nanoTime() - start;
        if (response.getContent().length != size) {
            throw new IOException(size + " bytes were asked for, " + response.getContent().length + " came");
        }
        return nanos;
    }

    /**
     * Sends bytes that come back.
     *
     * @throws IOException if they do not come back as they were
     */
    public void echo(byte[] content) throws IOException, InterruptedException {
        ContentResponse response = send(http.newRequest(base.resolve(ProbeService.ECHO))
                .method(HttpMethod.POST)
                .body(new BytesRequestContent(content)));
        if (!Arrays.equals(content, response.getContent())) {
            throw new IOException(content.length + " bytes were sent, and came back changed");
        }
    }

    /** Fetches many bytes without keeping them; returns how long it took, in nanoseconds. */
    public long download(long size) throws IOException, InterruptedException {
        AtomicLong heard = new AtomicLong();
        long start = System.nanoTime();
        Request request = http.newRequest(base.resolve(ProbeService.BYTES + size))
                .onResponseContent((response, content) -> heard.addAndGet(content.remaining()));
        stream(request);
        long nanos = System.nanoTime() - start;
        if (heard.get() != size) {
            throw new IOException(size + " bytes were asked for, " + heard + " came");
        }
        return nanos;
    }

    /** Sends a block of bytes so many times over; returns how long it took, in nanoseconds. */
    public long upload(ByteBuffer block, int times) throws IOException, InterruptedException {
        ByteBuffer[] content = Collections.nCopies(times, block).stream()
                .map(ByteBuffer::slice)
                .toArray(ByteBuffer[]::new);
        long start = System.nanoTime();
        send(http.newRequest(base.resolve(ProbeService.SINK))
                .method(HttpMethod.POST)
                .body(new ByteBufferRequestContent(content)));
        return System.nanoTime() - start;
    }

    /** Opens a WebSocket to the echo. */
    public EchoSocket socket() throws IOException, InterruptedException {
        EchoSocket socket = new EchoSocket();
        URI room =
                URI.create("ws" + base.resolve(ProbeService.SOCKET).toString().substring("http".length()));
        try {
            sockets.connect(socket, new ClientUpgradeRequest(room)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException x) {
            throw new IOException("no WebSocket: " + reason(x), x);
        }
        return socket;
    }

    private static ContentResponse send(Request request) throws IOException, InterruptedException {
        try {
            return checked(request.timeout(PATIENCE_SECONDS, TimeUnit.SECONDS).send());
        } catch (ExecutionException | TimeoutException x) {
            throw new IOException(reason(x), x);
        }
    }

    /** Sends without keeping the answer's content. */
    private static void stream(Request request) throws IOException, InterruptedException {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        request.timeout(PATIENCE_SECONDS, TimeUnit.SECONDS).send(result -> {
            if (result.isFailed()) {
                answer.completeExceptionally(result.getFailure());
            } else {
                answer.complete(result.getResponse());
            }
        });
        try {
            checked(answer.get());
        } catch (ExecutionException x) {
            throw new IOException(reason(x), x);
        }
    }

    private static <R extends Response> R checked(R response) throws IOException {
        int status = response.getStatus();
        if (status != 200 && status != 204) {
            String error = response.getHeaders().get("Tunnel-Error");
            throw new IOException("the relay answered " + status + (error == null ? "" : " " + error));
        }
        return response;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof TimeoutException
                ? "no answer within " + PATIENCE_SECONDS + " s"
                : String.valueOf(cause.getMessage());
    }

    @Override
    public void close() {
        LifeCycle.stop(sockets);
        LifeCycle.stop(http);
    }
}
