package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.e2e.SmallHeapMain.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A relay and an agent with 64 MiB of heap each, under loads that would like to have more: a part of each load by default, all of it with
 * {@code -Dsmall.heap.load=100}. {@code -Dsmall.heap.figures=true} prints what was used.
 */
@Timeout(300)
class SmallHeapTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LOAD = Integer.getInteger("small.heap.load", 10);
    private static final long MIB = 1024 * 1024;

    /** What 64 MiB leave, in bytes, where a load is held back as it should be. */
    private static final long HEAP_IN_USE = 40 * MIB;

    private static final String DOWNLOAD = "GET /download HTTP/1.1\r\nHost: demo.example.test\r\n\r\n";
    private static final String GET = "GET / HTTP/1.1\r\nHost: demo.example.test\r\nUser-Agent: idle\r\n\r\n";
    private static final String FINE = RawOrigin.ok("fine");

    private final List<Socket> sockets = new ArrayList<>();
    private RawOrigin origin;
    private JavaProcess relay;
    private JavaProcess agent;
    private int port;

    @BeforeEach
    void start() {
        origin = RawOrigin.start(SmallHeapTest::serve);
    }

    private static void serve(RawHttp connection) throws Exception {
        while (true) {
            String head = connection.readHead();
            if (head.startsWith("GET /download ")) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + (1L << 40) + "\r\n\r\n");
                byte[] piece = new byte[64 * 1024];
                while (true) {
                    connection.send(piece);
                }
            } else if (head.startsWith("POST /hold ")) {
                Thread.sleep(Long.MAX_VALUE);
            } else if (head.contains("Upgrade: websocket")) {
                connection.send(Upgrades.SWITCHING);
                byte[] some = new byte[1024];
                for (int n = connection.read(some); n > 0; n = connection.read(some)) {
                    connection.send(Arrays.copyOf(some, n));
                }
            } else {
                connection.send(FINE);
            }
        }
    }

    private void start(TransportCase transport, int connections) throws Exception {
        relay = SmallHeapMain.relay(transport, connections);
        port = Integer.parseInt(relay.line());
        agent = SmallHeapMain.agent(port, transport, origin.port());
        agent.line();
    }

    @AfterEach
    void stop() throws Exception {
        closeAll();
        relay.close();
        agent.close();
        origin.close();
    }

    private void closeAll() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    private static int share(int whole) {
        return Math.max(1, whole * LOAD / 100);
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        return socket;
    }

    private Socket connect() throws IOException {
        return connect("127.0.0.1");
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static String read(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), ISO_8859_1);
    }

    private static void get(Socket visitor) throws IOException {
        send(visitor, GET);
        assertThat(read(visitor, FINE.length())).isEqualTo(FINE);
    }

    private void assertServed() throws IOException {
        try (Socket visitor = new Socket("127.0.0.1", port)) {
            visitor.setSoTimeout((int) PATIENCE.toMillis());
            get(visitor);
        }
    }

    /** Both processes are alive and have room. */
    private void assertWell(String what) throws IOException {
        Figures ofRelay = Figures.of(relay);
        Figures ofAgent = Figures.of(agent);
        if (Boolean.getBoolean("small.heap.figures")) {
            System.out.println(what + "\n  relay: " + ofRelay + "\n  agent: " + ofAgent);
        }
        for (Figures figures : List.of(ofRelay, ofAgent)) {
            assertThat(figures.heap()).as(what).isLessThan(HEAP_IN_USE);
            assertThat(figures.direct()).as(what).isLessThan(HEAP_IN_USE);
        }
        assertThat(relay.errors() + agent.errors()).doesNotContain("OutOfMemory");
    }

    /** Half of them WebSockets, which each hold a stream, half of them kept-alive connections, which have none between requests. */
    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void idleVisitors(TransportCase transport) throws Exception {
        start(transport, 0);
        List<Socket> webSockets = new ArrayList<>();
        List<Socket> keptAlive = new ArrayList<>();
        for (int i = 0; i < share(1_000); i++) {
            Socket webSocket = connect();
            send(webSocket, Upgrades.request("demo.example.test"));
            // The answer's fields may come in another order.
            assertThat(read(webSocket, Upgrades.SWITCHING.length())).startsWith("HTTP/1.1 101 ");
            webSockets.add(webSocket);
            Socket plain = connect();
            get(plain);
            keptAlive.add(plain);
        }
        assertWell(webSockets.size() + " WebSockets and " + keptAlive.size() + " kept-alive visitors");
        assertServed();
        for (Socket plain : keptAlive) {
            send(plain, GET);
        }
        for (Socket webSocket : webSockets) {
            send(webSocket, "ping");
        }
        for (Socket webSocket : webSockets) {
            assertThat(read(webSocket, 4)).isEqualTo("ping");
        }
        for (Socket plain : keptAlive) {
            assertThat(read(plain, FINE.length())).isEqualTo(FINE);
        }
        assertWell("the same, after all were used at once");
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void slowReaders(TransportCase transport) throws Exception {
        start(transport, 0);
        for (int i = 0; i < share(200); i++) {
            Socket reader = connect();
            send(reader, DOWNLOAD);
            assertThat(read(reader, 15)).isEqualTo("HTTP/1.1 200 OK");
        }
        assertServed();
        for (int round = 0; round < 4; round++) {
            for (Socket reader : sockets) {
                reader.getInputStream().readNBytes(2_000);
            }
        }
        assertWell(sockets.size() + " slow readers");
        assertServed();
        closeAll();
        assertServed();
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void uploadsThatTheLocalServiceDoesNotTake(TransportCase transport) throws Exception {
        start(transport, 0);
        byte[] piece = new byte[100_000];
        for (int i = 0; i < share(200); i++) {
            Socket writer = connect();
            send(writer, "POST /hold HTTP/1.1\r\nHost: demo.example.test\r\nContent-Length: 1000000000\r\n\r\n");
            writer.getOutputStream().write(piece);
        }
        assertServed();
        assertWell(sockets.size() + " held uploads");
        closeAll();
        assertServed();
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void connectionsThatSayNothing(TransportCase transport) throws Exception {
        start(transport, Math.max(share(4_096), 64));
        Socket webSocket = connect();
        send(webSocket, Upgrades.request("demo.example.test"));
        assertThat(read(webSocket, Upgrades.SWITCHING.length())).startsWith("HTTP/1.1 101 ");
        Socket slowReader = connect();
        send(slowReader, DOWNLOAD);
        assertThat(read(slowReader, 15)).isEqualTo("HTTP/1.1 200 OK"); // until then it is one of those that say nothing
        for (int i = 0; i < share(10_000); i++) {
            connect("127.0.0." + (2 + i % 50));
        }
        assertServed();
        assertWell(sockets.size() + " silent connections");
        send(webSocket, "ping");
        assertThat(read(webSocket, 4)).isEqualTo("ping");
        assertThat(read(slowReader, 1_000_000)).hasSize(1_000_000);
        closeAll();
        assertServed();
    }

    /** Over {@code tcp} the kernel's windows are the credit; {@link #slowReaders} has an agent that would send more. */
    @Test
    void anAgentThatSendsWhatItHasNoCreditFor() throws Exception {
        start(TransportCase.CONTROL, 0);
        try (GreedyAgent greedy = new GreedyAgent(port)) {
            int visitors = share(100);
            for (int i = 0; i < visitors; i++) {
                send(connect(), "GET / HTTP/1.1\r\nHost: greedy.example.test\r\n\r\n");
            }
            await().atMost(PATIENCE).until(() -> greedy.resets() >= visitors);
            assertServed();
            assertWell("an agent that sent " + greedy.sent() / MIB + " MiB to " + visitors + " visitors");
            for (Socket visitor : sockets) {
                assertCut(visitor);
            }
        }
        assertServed();
    }

    private static void assertCut(Socket visitor) throws IOException {
        try (InputStream in = visitor.getInputStream()) {
            String answer = new String(in.readAllBytes(), ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 502 ");
        } catch (SocketException x) {
            assertThat(x).hasMessageContaining("reset");
        }
    }
}
