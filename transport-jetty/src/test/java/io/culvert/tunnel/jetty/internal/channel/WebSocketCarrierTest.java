package io.culvert.tunnel.jetty.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import io.culvert.tunnel.core.net.Carrier;
import io.culvert.tunnel.jetty.internal.agent.JettyAgentNetwork;
import io.culvert.tunnel.spi.Completion;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** Both sides of a control channel against each other, and the relay's side against a peer that breaks the rules. */
class WebSocketCarrierTest {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int FIN = 0x80;

    private CarrierServer server;
    private JettyAgentNetwork network;

    @BeforeEach
    void start() throws Exception {
        server = new CarrierServer();
        network = new JettyAgentNetwork();
    }

    @AfterEach
    void stop() throws Exception {
        network.close();
        await().untilAsserted(() -> assertThat(server.open()).isZero());
        server.close();
    }

    /** An agent's side. */
    private record Client(Carrier carrier, RecordingListener listener) {}

    private Client connect() throws Exception {
        RecordingListener listener = new RecordingListener();
        Carrier carrier = network.connect(server.uri(), Optional.of("secret"), c -> listener)
                .get(20, TimeUnit.SECONDS);
        return new Client(carrier, listener);
    }

    private static void send(Carrier carrier, String text) throws Exception {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        ByteBuffer utf8 = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        carrier.send(utf8, new Completion() {
            @Override
            public void succeeded() {
                sent.complete(null);
            }

            @Override
            public void failed(Throwable cause) {
                sent.completeExceptionally(cause);
            }
        });
        sent.get(20, TimeUnit.SECONDS);
    }

    @Test
    void messagesTravelBothWaysAndBuffersStayAsTheyWere() throws Exception {
        Client client = connect();
        CarrierServer.Side relay = server.next();
        assertThat(relay.authorization()).isEqualTo("Bearer secret");
        String ascii = "{\"type\":\"ping\"}".repeat(10);
        String other = "käse 漢字 \ud83d\ude00".repeat(5_000);
        String longest = "x".repeat(WebSocketCarrier.MAX_MESSAGE_BYTES);
        for (String text : new String[] {ascii, other, "", longest, ascii}) {
            send(client.carrier(), text);
            assertThat(relay.listener().next()).isEqualTo(text);
            send(relay.carrier(), text);
            assertThat(client.listener().next()).isEqualTo(text);
        }
        byte[] bytes = ascii.getBytes(StandardCharsets.UTF_8);
        CompletableFuture<Void> sent = new CompletableFuture<>();
        client.carrier().send(ByteBuffer.wrap(bytes), new Completion() {
            @Override
            public void succeeded() {
                sent.complete(null);
            }

            @Override
            public void failed(Throwable cause) {
                sent.completeExceptionally(cause);
            }
        });
        sent.get(20, TimeUnit.SECONDS);
        assertThat(bytes).isEqualTo(ascii.getBytes(StandardCharsets.UTF_8)); // the mask went elsewhere
    }

    @Test
    void aCloseTellsBothSidesItsCodeOnce() throws Exception {
        Client client = connect();
        CarrierServer.Side relay = server.next();
        relay.carrier().close(1008, "too many strays");
        relay.carrier().close(1000, "again");
        assertThat(client.listener().closed().code()).isEqualTo(1008);
        assertThat(relay.listener().closed().code()).isEqualTo(1008);
        await().untilAsserted(() -> assertThat(server.open()).isZero());
        assertThat(client.listener().moreClosings()).isZero();
        assertThat(relay.listener().moreClosings()).isZero();
    }

    @Test
    void anOrderlyCloseByTheAgent() throws Exception {
        Client client = connect();
        CarrierServer.Side relay = server.next();
        client.carrier().close(1000, "bye");
        RecordingListener.Closed closed = relay.listener().closed();
        assertThat(closed.code()).isEqualTo(1000);
        assertThat(closed.reason()).isEqualTo("bye");
        assertThat(client.listener().closed().code()).isEqualTo(1000);
    }

    @Test
    void anAbortIsAnAbnormalEndOnBothSides() throws Exception {
        Client client = connect();
        CarrierServer.Side relay = server.next();
        client.carrier().abort();
        client.carrier().abort();
        assertThat(relay.listener().closed().code()).isEqualTo(1006);
        assertThat(client.listener().closed().code()).isEqualTo(1006);
        await().untilAsserted(() -> assertThat(server.open()).isZero());
        assertThat(client.listener().moreClosings()).isZero();
    }

    @Test
    void fragmentsAreAssembledWithPingsBetweenThem() throws Exception {
        try (Socket peer = handshake()) {
            CarrierServer.Side relay = server.next();
            byte[] text = "zusammengefügt".getBytes(StandardCharsets.UTF_8);
            frame(peer, TEXT, Arrays.copyOfRange(text, 0, 12)); // in the middle of a character
            frame(peer, FIN | PING, new byte[] {1, 2, 3});
            frame(peer, 0, Arrays.copyOfRange(text, 12, 13));
            frame(peer, FIN, Arrays.copyOfRange(text, 13, text.length));
            assertThat(relay.listener().next()).isEqualTo("zusammengefügt");
            Frame pong = read(peer);
            assertThat(pong.opcode()).isEqualTo(PONG);
            assertThat(pong.payload()).containsExactly(1, 2, 3);
            frame(peer, FIN | TEXT, "next".getBytes(StandardCharsets.UTF_8));
            assertThat(relay.listener().next()).isEqualTo("next");
        }
    }

    /** The reader is busy until the peer is gone, and then writes before it reads on. */
    @Test
    void whatAPeerSaidLastIsReadAfterAWriteThatFailed() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        CarrierServer.Side relay;
        try (Socket peer = handshake()) {
            relay = server.next();
            relay.listener().onMessage = () -> {
                relay.listener().onMessage = () -> {};
                try {
                    gone.await();
                    for (int i = 0; i < 3; i++) {
                        relay.carrier().send(ByteBuffer.wrap(new byte[] {'x'}), Completion.IGNORE);
                    }
                } catch (InterruptedException x) {
                    throw new AssertionError(x);
                }
            };
            frame(peer, FIN | TEXT, new byte[] {'1'});
            assertThat(relay.listener().next()).isEqualTo("1");
            frame(peer, FIN | TEXT, new byte[] {'2'});
            frame(peer, FIN | CLOSE, new byte[] {0x03, (byte) 0xe9, 'b', 'y', 'e'});
            peer.setSoLinger(true, 0); // it is gone at once, as a process that ends
        }
        gone.countDown();
        assertThat(relay.listener().next()).isEqualTo("2");
        RecordingListener.Closed closed = relay.listener().closed();
        assertThat(closed.code()).isEqualTo(1001);
        assertThat(closed.reason()).isEqualTo("bye");
    }

    @Test
    void aPeerThatIsGoneWithoutAFarewellIsNoticedByReading() throws Exception {
        CarrierServer.Side relay;
        try (Socket peer = handshake()) {
            relay = server.next();
            peer.setSoLinger(true, 0);
        }
        relay.carrier().send(ByteBuffer.wrap(new byte[] {'x'}), Completion.IGNORE);
        assertThat(relay.listener().closed().code()).isEqualTo(1006);
    }

    @Test
    void aBinaryMessageIsRefused() throws Exception {
        refused(1003, peer -> frame(peer, FIN | BINARY, new byte[] {1}));
    }

    @Test
    void whatIsNotUtf8IsRefused() throws Exception {
        refused(1007, peer -> frame(peer, FIN | TEXT, new byte[] {'a', (byte) 0xc0, (byte) 0xaf}));
        refused(1007, peer -> frame(peer, FIN | TEXT, new byte[] {(byte) 0xe2, (byte) 0x82})); // cut off
        refused(
                1007,
                peer -> frame(peer, FIN | TEXT, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})); // a surrogate
    }

    @Test
    void oneFrameOverTheLimitIsRefused() throws Exception {
        refused(1009, peer -> frame(peer, FIN | TEXT, new byte[WebSocketCarrier.MAX_MESSAGE_BYTES + 1]));
    }

    @Test
    void fragmentsOverTheLimitAreRefused() throws Exception {
        refused(1009, peer -> {
            frame(peer, TEXT, new byte[200_000]);
            frame(peer, FIN, new byte[100_000]);
        });
    }

    @Test
    void aPeerThatNeverAnswersACloseIsCutOff() throws Exception {
        try (Socket peer = handshake()) {
            CarrierServer.Side relay = server.next();
            relay.carrier().close(1000, "bye");
            assertThat(read(peer).opcode()).isEqualTo(CLOSE);
            relay.listener().closed();
            await().untilAsserted(() -> assertThat(server.open()).isZero());
        }
    }

    @Test
    void aPeerThatGoesOnSendingStillReadsWhyItWasClosed() throws Exception {
        try (Socket peer = handshake()) {
            CarrierServer.Side relay = server.next();
            relay.carrier().close(1008, "too many strays");
            relay.listener().closed();
            for (int i = 0; i < 10; i++) { // to a connection that was just closed these would be answered with a reset
                frame(peer, FIN | TEXT, new byte[10_000]);
            }
            Frame close = read(peer);
            assertThat(close.opcode()).isEqualTo(CLOSE);
            assertThat(ByteBuffer.wrap(close.payload()).getShort()).isEqualTo((short) 1008);
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void silenceDoesNotEndIt() throws Exception {
        server.close();
        server = new CarrierServer(Duration.ofSeconds(1));
        Client client = connect();
        CarrierServer.Side relay = server.next();
        try (Socket idle = server.connect()) {
            assertThat(idle.getInputStream().read()).isEqualTo(-1); // long enough for this one
        }
        send(client.carrier(), "still here");
        assertThat(relay.listener().next()).isEqualTo("still here");
    }

    /** What a peer does wrong. */
    private interface Wrong {
        void to(Socket peer) throws IOException;
    }

    private void refused(int code, Wrong wrong) throws Exception {
        try (Socket peer = handshake()) {
            CarrierServer.Side relay = server.next();
            try {
                wrong.to(peer);
            } catch (SocketException x) {
                assertThat(code).as("refused before it was sent whole").isEqualTo(1009);
            }
            Frame close = read(peer);
            assertThat(close.opcode()).isEqualTo(CLOSE);
            assertThat(ByteBuffer.wrap(close.payload()).getShort()).isEqualTo((short) code);
            assertThat(relay.listener().closed().code()).isEqualTo(code);
        }
    }

    private Socket handshake() throws Exception {
        Socket peer = server.connect();
        peer.getOutputStream()
                .write(
                        ("GET /_tunnel/control HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) peer.getInputStream().read());
        }
        assertThat(head).startsWith("HTTP/1.1 101 ");
        return peer;
    }

    private static void frame(Socket peer, int first, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else if (payload.length < 65_536) {
            frame.write(0x80 | 126);
            frame.writeBytes(
                    ByteBuffer.allocate(2).putShort((short) payload.length).array());
        } else {
            frame.write(0x80 | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(new byte[4]); // a mask that changes nothing
        frame.writeBytes(payload);
        peer.getOutputStream().write(frame.toByteArray());
    }

    /** A frame. */
    private record Frame(int opcode, byte[] payload) {}

    private static Frame read(Socket peer) throws IOException {
        DataInputStream in = new DataInputStream(peer.getInputStream());
        int opcode = in.readUnsignedByte() & 0x0f;
        byte[] payload = new byte[in.readUnsignedByte()];
        in.readFully(payload);
        return new Frame(opcode, payload);
    }

    @Test
    void aChannelThatWasSilentIsClosedWithTheCodeThatIsMeant() {
        Session session = mock();
        WebSocketCarrier carrier = new WebSocketCarrier(made -> new RecordingListener());
        carrier.onWebSocketOpen(session);
        carrier.close(1008, "enough");
        InOrder order = inOrder(session);
        order.verify(session).close(eq(1008), eq("enough"), any());
        order.verify(session).setIdleTimeout(any()); // before, it would close a silent one with a code of Jetty's
    }

    @Test
    void aCloseThatComesWhileTheListenerIsMadeIsToldToIt() throws Exception {
        RecordingListener listener = new RecordingListener();
        WebSocketCarrier[] carrier = new WebSocketCarrier[1];
        carrier[0] = new WebSocketCarrier(made -> {
            carrier[0].onWebSocketClose(1008, "enough", org.eclipse.jetty.websocket.api.Callback.NOOP);
            return listener;
        });
        Session session = mock();
        carrier[0].onWebSocketOpen(session);
        assertThat(listener.closed().code()).isEqualTo(1008);
        verify(session, never()).demand();
    }
}
