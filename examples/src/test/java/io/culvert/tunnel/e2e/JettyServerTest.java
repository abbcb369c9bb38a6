package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.jetty.JettyTunnels;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A Jetty server that is served from a tunnel's streams, without a port of its own. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class JettyServerTest {
    private final Server server = new Server();
    private final CountingMetrics metrics = new CountingMetrics();
    private final TunnelRelay relay;
    private final TunnelAgent agent;
    private Tunnel tunnel;

    JettyServerTest(TransportCase transport) {
        TunnelRelay.Builder relayBuilder = TunnelRelay.builder().drainTimeout(Duration.ZERO);
        transport.on(relayBuilder);
        relay = relayBuilder.start();
        TunnelAgent.Builder agentBuilder =
                TunnelAgent.builder().relay(relay.uri()).metrics(metrics).drainTimeout(Duration.ofSeconds(3));
        transport.on(agentBuilder);
        agent = agentBuilder.build();
    }

    /** {@code /who} tells what the application sees, {@code /cut} fails midway, anything else sends the body back. */
    private static final class Application extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            switch (Request.getPathInContext(request)) {
                case "/who" ->
                    Content.Sink.write(
                            response,
                            true,
                            Request.getRemoteAddr(request) + " "
                                    + request.getHttpURI().asString(),
                            callback);
                case "/cut" -> {
                    response.getHeaders().put("Content-Length", "1000");
                    response.write(
                            false,
                            UTF_8.encode("only this"),
                            Callback.from(() -> callback.failed(new IOException("midway")), callback::failed));
                }
                default -> Content.copy(request, response, callback);
            }
            return true;
        }
    }

    @BeforeEach
    void start() throws Exception {
        WebSocketUpgradeHandler sockets = WebSocketUpgradeHandler.from(server, container -> {
            container.setMaxBinaryMessageSize(0);
            container.addMapping("/socket", (request, response, callback) -> new WebSocketPeer.Whole(true));
        });
        sockets.setHandler(new Application());
        server.setHandler(sockets);
        server.start();
        tunnel = agent.expose(TunnelSpec.builder(JettyTunnels.service(server)).build());
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        relay.close();
        server.stop();
    }

    private RawHttp visit() throws IOException {
        return RawHttp.connect(tunnel.publicUrl().getPort());
    }

    private String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + tunnel.publicUrl().getAuthority() + "\r\n\r\n";
    }

    @Test
    void theApplicationSeesTheVisitor() throws Exception {
        try (RawHttp visitor = visit()) {
            for (int i = 0; i < 3; i++) {
                assertThat(visitor.send(get("/who")).readResponse().text())
                        .isEqualTo("127.0.0.1 " + tunnel.publicUrl() + "/who");
            }
        }
        assertThat(tunnel.stats().httpBytesDown()).isPositive();
    }

    @Test
    void largeBodiesBothWays() throws Exception {
        byte[] body = new byte[8 << 20];
        new Random(1).nextBytes(body);
        try (RawHttp visitor = visit()) {
            visitor.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n");
            Thread writer = new Thread(() -> visitor.sendAll(new java.io.ByteArrayInputStream(body)));
            writer.start();
            RawHttp.Response response = visitor.readResponse();
            writer.join();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(body);
        }
        assertThat(metrics.bytes(StreamKind.HTTP, io.culvert.tunnel.Direction.UP))
                .isGreaterThan(body.length);
        assertThat(metrics.bytes(StreamKind.HTTP, io.culvert.tunnel.Direction.DOWN))
                .isGreaterThan(body.length);
    }

    @Test
    void webSockets() throws Exception {
        WebSocketClient visitors = new WebSocketClient();
        visitors.setMaxBinaryMessageSize(0);
        visitors.start();
        try {
            WebSocketPeer visitor = new WebSocketPeer.Whole(false);
            String url = "ws" + tunnel.publicUrl().toString().substring("http".length()) + "/socket";
            visitors.connect(visitor, URI.create(url));
            byte[] payload = new byte[1 << 20];
            new Random(2).nextBytes(payload);
            visitor.session().sendText("hello", org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(visitor.next()).isEqualTo("hello");
            visitor.session().sendBinary(ByteBuffer.wrap(payload), org.eclipse.jetty.websocket.api.Callback.NOOP);
            assertThat(visitor.next()).isEqualTo(ByteBuffer.wrap(payload));
            agent.close();
            assertThat(visitor.closed().code()).isEqualTo(1001);
        } finally {
            visitors.stop();
        }
    }

    @Test
    void anAnswerThatFailsMidwayIsVisiblyCut() throws Exception {
        try (RawHttp visitor = visit()) {
            visitor.send(get("/cut"));
            RawHttp.Response response;
            try {
                response = visitor.readResponse();
            } catch (IOException cut) {
                return;
            }
            // A reset may overtake what was written before it; then the relay can still say so.
            assertThat(response.status()).isEqualTo(502);
        }
    }

    @Test
    void aServerThatIsStoppedRefusesUntilItStartsAgain() throws Exception {
        server.stop();
        try (RawHttp visitor = visit()) {
            assertThat(visitor.send(get("/who")).readResponse().field("Tunnel-Error"))
                    .isEqualTo(TunnelError.LOCAL_REFUSED.code());
            server.start();
            assertThat(visitor.send(get("/who")).readResponse().status()).isEqualTo(200);
        }
    }

    @Test
    void noPortIsOpened() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        Set<String> before = listening();
        Server other = new Server();
        other.setHandler(new Application());
        other.start();
        try {
            // The relay in this process opens a port for each tunnel, so one more tunnel brings one more port and no
            // other.
            Tunnel second =
                    agent.expose(TunnelSpec.builder(JettyTunnels.service(other)).build());
            try (RawHttp visitor = RawHttp.connect(second.publicUrl().getPort())) {
                assertThat(visitor.send(get("/who")).readResponse().status()).isEqualTo(200);
            }
            Set<String> now = listening();
            now.removeAll(before);
            assertThat(now).hasSize(1);
        } finally {
            other.stop();
        }
    }

    /** The inodes of the sockets of this process that listen. */
    private static Set<String> listening() throws IOException {
        Set<String> own;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            own = descriptors.map(JettyServerTest::target).collect(Collectors.toSet());
        }
        return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .map(Path::of)
                .filter(Files::exists)
                .flatMap(JettyServerTest::lines)
                .map(line -> line.trim().split("\\s+"))
                .filter(columns -> columns[3].equals("0A"))
                .map(columns -> columns[9])
                .filter(inode -> own.contains("socket:[" + inode + "]"))
                .collect(Collectors.toSet());
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream().skip(1);
        } catch (IOException x) {
            throw new java.io.UncheckedIOException(x);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException x) {
            return ""; // closed meanwhile
        }
    }
}
