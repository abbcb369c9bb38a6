package io.culvert.tunnel.jetty.internal.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelException;
import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.core.net.LocalTarget;
import io.culvert.tunnel.core.net.MeteredConnection;
import io.culvert.tunnel.jetty.EndPointStream;
import io.culvert.tunnel.jetty.internal.channel.CarrierServer;
import io.culvert.tunnel.jetty.internal.channel.RecordingListener;
import io.culvert.tunnel.spi.StreamException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.Assertions;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JettyAgentNetworkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final HttpFields SECRET =
            HttpFields.build().put(HttpHeader.AUTHORIZATION, "Bearer data").asImmutable();

    private final JettyAgentNetwork network = new JettyAgentNetwork();

    @AfterEach
    void leavesNoThread() {
        network.close();
        network.close();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("culvert-agent")));
    }

    /** A peer that answers every connection's first head with the same bytes, and keeps it open. */
    private static final class Answering implements AutoCloseable {
        final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        final CompletableFuture<String> head = new CompletableFuture<>();
        final CompletableFuture<Socket> socket = new CompletableFuture<>();

        Answering(String answer) throws IOException {
            Thread thread = new Thread(() -> {
                try {
                    Socket accepted = listener.accept();
                    accepted.setSoTimeout(20_000);
                    StringBuilder text = new StringBuilder();
                    while (text.indexOf("\r\n\r\n") < 0) {
                        text.append((char) accepted.getInputStream().read());
                    }
                    head.complete(text.toString());
                    accepted.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    socket.complete(accepted);
                } catch (IOException x) {
                    head.completeExceptionally(x);
                    socket.completeExceptionally(x);
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        URI uri() {
            return URI.create("ws://127.0.0.1:" + listener.getLocalPort());
        }

        @Override
        public void close() throws Exception {
            listener.close();
            if (socket.isDone() && !socket.isCompletedExceptionally()) {
                socket.join().close();
            }
        }
    }

    private TunnelException refusal(URI relay) {
        CompletableFuture<Carrier> connecting = network.connect(relay, Optional.of("t"), c -> new RecordingListener());
        return (TunnelException) failure(connecting);
    }

    private static LocalTarget plain(String host, int port) {
        return new LocalTarget(host, port, Optional.empty());
    }

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException x) {
            return x.getCause();
        } catch (InterruptedException | java.util.concurrent.TimeoutException x) {
            throw new AssertionError(x);
        }
        return Assertions.fail("it succeeded");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aRefusedTokenIsToldFromEverythingElse(int status) throws Exception {
        try (Answering relay = new Answering("HTTP/1.1 " + status + " No\r\nContent-Length: 0\r\n\r\n")) {
            TunnelException x = refusal(relay.uri());
            assertThat(x.error()).isEqualTo(TunnelError.UNAUTHORIZED);
            assertThat(x).hasMessageContaining(relay.uri().toString()).hasMessageContaining("token");
            assertThat(relay.head.get())
                    .startsWith("GET /_tunnel/control HTTP/1.1\r\n")
                    .contains("Authorization: Bearer t\r\n")
                    .doesNotContain("Extensions")
                    .doesNotContain("Origin");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"200 OK", "302 Found\r\nLocation: http://127.0.0.1:1/x", "404 Not Found", "503 Busy"})
    void whatIsNoRelayIsNamed(String answer) throws Exception {
        try (Answering relay = new Answering("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n")) {
            TunnelException x = refusal(relay.uri());
            assertThat(x.error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
            assertThat(x).hasMessageContaining(relay.uri().toString()).hasMessageContaining(answer.substring(0, 3));
        }
    }

    @Test
    void aRelayThatTurnsAgentsAwayForAWhileIsToldFromWhatIsNoRelay() throws Exception {
        try (Answering relay = new Answering("HTTP/1.1 429 Wait\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")) {
            TunnelException x = refusal(relay.uri());
            assertThat(x.error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
            assertThat(x).hasMessageContaining("for a while").hasMessageNotContaining("not a relay");
        }
    }

    @Test
    void nobodyListens() throws Exception {
        URI relay = URI.create("ws://127.0.0.1:" + freePort());
        TunnelException x = refusal(relay);
        assertThat(x.error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
        assertThat(x).hasMessageContaining(relay.toString()).hasMessageContaining("refused");
    }

    @Test
    void anUnknownHost() {
        assertThat(refusal(URI.create("ws://nowhere.invalid")).error()).isEqualTo(TunnelError.RELAY_UNREACHABLE);
    }

    @Test
    void theListenerStandsBeforeTheFirstMessage() throws Exception {
        try (CarrierServer relay = new CarrierServer()) {
            RecordingListener listener = new RecordingListener();
            CompletableFuture<Carrier> made = new CompletableFuture<>();
            Carrier carrier = network.connect(relay.uri(), Optional.empty(), c -> {
                        made.complete(c);
                        return listener;
                    })
                    .get(20, TimeUnit.SECONDS);
            assertThat(made.join()).isSameAs(carrier);
            assertThat(relay.next().authorization()).isNull();
            network.close();
            listener.closed();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return any.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void localhostMeansBothAddresses(String address) throws Exception {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            MeteredConnection connection = network.dialLocal(plain("localhost", service.getLocalPort()), PATIENCE)
                    .get(20, TimeUnit.SECONDS);
            try (Socket accepted = service.accept()) {
                connection.abandon(new IOException("not needed"));
                Assertions.assertThatThrownBy(() -> accepted.getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void aRefusalNamesWhatWasTried() throws Exception {
        int port = freePort();
        StreamException x = (StreamException) failure(network.dialLocal(plain("localhost", port), PATIENCE));
        assertThat(x.error()).isEqualTo(TunnelError.LOCAL_REFUSED);
        assertThat(x).hasMessageContaining("localhost:" + port).hasMessageContaining("127.0.0.1");
    }

    @Test
    void anUnknownLocalHost() {
        StreamException x = (StreamException) failure(network.dialLocal(plain("nowhere.invalid", 80), PATIENCE));
        assertThat(x.error()).isEqualTo(TunnelError.LOCAL_REFUSED);
    }

    @Test
    void aServiceThatDoesNotAccept() throws Exception {
        try (ServerSocket full = new ServerSocket()) {
            full.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 1);
            try (Socket one = new Socket("127.0.0.1", full.getLocalPort());
                    Socket two = new Socket("127.0.0.1", full.getLocalPort())) {
                StreamException x = (StreamException)
                        failure(network.dialLocal(plain("127.0.0.1", full.getLocalPort()), Duration.ofMillis(300)));
                assertThat(x.error()).isEqualTo(TunnelError.LOCAL_TIMEOUT);
            }
        }
    }

    @Test
    void anUpgradeHandsOverWhatCameBehindTheHead() throws Exception {
        String answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                + "Upgrade: culvert\r\n\r\nglued";
        try (Answering relay = new Answering(answer);
                ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EndPointStream stream = network.upgrade(relay.uri(), "/_ws_proxy/ab", "culvert", SECRET, "ab")
                    .get(20, TimeUnit.SECONDS);
            assertThat(stream.id()).isEqualTo("ab");
            assertThat(relay.head.get())
                    .startsWith(
                            "GET /_ws_proxy/ab HTTP/1.1\r\nHost: 127.0.0.1:" + relay.listener.getLocalPort() + "\r\n")
                    .contains("Connection: Upgrade\r\n", "Upgrade: culvert\r\n", "Authorization: Bearer data\r\n");
            AtomicLong up = new AtomicLong();
            AtomicLong down = new AtomicLong();
            network.dialLocal(plain("127.0.0.1", service.getLocalPort()), PATIENCE)
                    .get(20, TimeUnit.SECONDS)
                    .join(stream, (direction, count) -> (direction == Direction.UP ? up : down).addAndGet(count));
            try (Socket local = service.accept()) {
                local.setSoTimeout(20_000);
                relay.socket.get().getOutputStream().write(" and more".getBytes());
                assertThat(local.getInputStream().readNBytes(14)).asString().isEqualTo("glued and more");
                local.getOutputStream().write("back".getBytes());
                local.shutdownOutput();
                assertThat(relay.socket.get().getInputStream().readAllBytes())
                        .asString()
                        .isEqualTo("back");
                assertThat(up).hasValue(14);
                assertThat(down).hasValue(4);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope",
                "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
                "SSH-2.0-OpenSSH_9.6\r\n\r\n"
            })
    void anUpgradeThatIsNotGranted(String answer) throws Exception {
        try (Answering relay = new Answering(answer)) {
            StreamException x =
                    (StreamException) failure(network.upgrade(relay.uri(), "/_ws_proxy/ab", "culvert", SECRET, "ab"));
            assertThat(x).hasMessageContaining("GET /_ws_proxy/ab");
            if (answer.contains(" 40")) {
                assertThat(x).hasMessageContaining("answered " + answer.substring(9, 12));
            }
            assertThat(relay.socket.get().getInputStream()).satisfies(in -> Assertions.assertThatThrownBy(in::read));
        }
    }

    @Test
    void anUpgradeWithAPathThatWouldBreakTheHead() throws Exception {
        try (Answering relay = new Answering("")) {
            assertThat(failure(network.upgrade(relay.uri(), "/a\r\nEvil: 1", "culvert", SECRET, "ab")))
                    .isInstanceOf(StreamException.class);
        }
    }

    @Test
    void closingEndsWhatIsOpenWithAReset() throws Exception {
        String answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: culvert\r\n\r\n";
        try (Answering relay = new Answering(answer)) {
            EndPointStream stream = network.upgrade(relay.uri(), "/_ws_proxy/ab", "culvert", SECRET, "ab")
                    .get(20, TimeUnit.SECONDS);
            assertThat(stream.read(ByteBuffer.allocate(1))).isZero();
            network.close();
            Assertions.assertThatThrownBy(
                            () -> relay.socket.get().getInputStream().read())
                    .isInstanceOf(SocketException.class);
            Assertions.assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(1)))
                    .isInstanceOf(StreamException.class);
            assertThat(failure(network.upgrade(relay.uri(), "/_ws_proxy/cd", "culvert", SECRET, "cd")))
                    .isInstanceOf(StreamException.class);
            assertThat(failure(network.dialLocal(plain("localhost", 1), PATIENCE)))
                    .isInstanceOf(StreamException.class);
        }
    }
}
