package io.culvert.tunnel.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.tunnel.Direction;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault on connections between plain sockets. */
class FaultProxyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String CONTROL = "GET /_tunnel/control HTTP/1.1\r\n";
    private static final String DATA = "GET /_ws_proxy/0123 HTTP/1.1\r\n";

    private ServerSocket relay;
    private FaultProxy network;

    @BeforeEach
    void start() throws IOException {
        relay = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        network = FaultProxy.beforeRelay(relay.getLocalPort(), 1);
    }

    @AfterEach
    void stop() throws IOException {
        network.close();
        relay.close();
    }

    /** A connection through the network. */
    private record Line(Socket agent, Socket relay) implements AutoCloseable {
        void up(String text) throws IOException {
            relay.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        void down(String text) throws IOException {
            agent.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        String atRelay(int count) throws IOException {
            return read(relay, count);
        }

        String atAgent(int count) throws IOException {
            return read(agent, count);
        }

        private static String read(Socket from, int count) throws IOException {
            return new String(from.getInputStream().readNBytes(count), StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            agent.close();
            relay.close();
        }
    }

    private Line dial() throws IOException {
        Socket agent = new Socket(InetAddress.getLoopbackAddress(), network.port());
        relay.setSoTimeout((int) PATIENCE.toMillis());
        Socket accepted = relay.accept();
        agent.setSoTimeout((int) PATIENCE.toMillis());
        accepted.setSoTimeout((int) PATIENCE.toMillis());
        return new Line(agent, accepted);
    }

    private Line dial(String hello) throws IOException {
        Line line = dial();
        line.down(hello);
        assertThat(line.atRelay(hello.length())).isEqualTo(hello);
        return line;
    }

    @Test
    void bytesAndEndsPassBothWays() throws Exception {
        try (Line line = dial()) {
            byte[] much = new byte[3_000_000];
            new Random(1).nextBytes(much);
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    line.agent.getOutputStream().write(much);
                    line.agent.shutdownOutput();
                } catch (IOException x) {
                    throw new AssertionError(x);
                }
            });
            assertThat(line.relay.getInputStream().readAllBytes()).isEqualTo(much);
            sent.join();
            line.up("answer");
            line.relay.shutdownOutput();
            assertThat(line.agent.getInputStream().readAllBytes()).hasSize(6);
        }
        network.awaitOpen(ConnectionKind.OTHER, 0, PATIENCE);
    }

    @Test
    void connectionsAreToldApart() throws Exception {
        try (Line control = dial(CONTROL);
                Line data = dial(DATA);
                Line other = dial("GET / HTTP/1.1\r\n")) {
            network.awaitOpen(ConnectionKind.CONTROL, 1, PATIENCE);
            network.awaitOpen(ConnectionKind.DATA, 1, PATIENCE);
            network.onControl().reset();
            assertThatThrownBy(() -> control.atAgent(1)).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> control.atRelay(1)).isInstanceOf(SocketException.class);
            assertThat(network.open(ConnectionKind.CONTROL)).isZero();
            data.down("still");
            assertThat(data.atRelay(5)).isEqualTo("still");
            other.up("there");
            assertThat(other.atAgent(5)).isEqualTo("there");
        }
    }

    @Test
    void aPrefixThatComesInSingleBytesIsRecognised() throws Exception {
        try (Line line = dial()) {
            for (int i = 0; i < CONTROL.length(); i++) {
                line.down(CONTROL.substring(i, i + 1));
            }
            assertThat(line.atRelay(CONTROL.length())).isEqualTo(CONTROL);
            network.awaitOpen(ConnectionKind.CONTROL, 1, PATIENCE);
        }
    }

    @Test
    void aResetPassesAsAReset() throws Exception {
        Line line = dial(DATA);
        line.agent.setSoLinger(true, 0);
        line.agent.close();
        assertThatThrownBy(() -> line.atRelay(1)).isInstanceOf(SocketException.class);
        line.relay.close();
    }

    @Test
    void whoIsRefusedIsReset() throws Exception {
        Fault fault = network.onControl().times(1).refuse();
        try (Line line = dial()) {
            line.down(CONTROL);
            assertThatThrownBy(() -> line.atAgent(1)).isInstanceOf(SocketException.class);
        }
        assertThat(fault.hits()).isEqualTo(1);
        dial(CONTROL).close();
        network.onConnections().refuse();
        try (Socket agent = new Socket(InetAddress.getLoopbackAddress(), network.port())) {
            InputStream in = agent.getInputStream();
            assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aTargetThatDoesNotListenResets() throws Exception {
        relay.close();
        try (Socket agent = new Socket(InetAddress.getLoopbackAddress(), network.port())) {
            InputStream in = agent.getInputStream();
            assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void connectionsGoToTheNewTarget() throws Exception {
        relay.close();
        relay = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        network.target(relay.getLocalPort());
        dial(DATA).close();
    }

    @Test
    void truncationCountsFromNowOn() throws Exception {
        try (Line line = dial(DATA)) {
            line.up("before");
            assertThat(line.atAgent(6)).isEqualTo("before");
            Fault fault = network.onData().only(Direction.UP).truncate(3);
            line.up("123");
            assertThat(line.atAgent(3)).isEqualTo("123");
            line.up("4");
            assertThatThrownBy(() -> line.atAgent(1)).isInstanceOf(SocketException.class);
            fault.awaitHits(1, PATIENCE);
        }
    }

    @Test
    void stallHoldsBytesAndEndsUntilLifted() throws Exception {
        try (Line stalled = dial(DATA);
                Line control = dial(CONTROL)) {
            Fault fault = network.onData().stall();
            stalled.down("held");
            stalled.agent.shutdownOutput();
            control.down("x");
            assertThat(control.atRelay(1)).isEqualTo("x");
            assertThat(stalled.relay.getInputStream().available()).isZero();
            fault.close();
            assertThat(stalled.relay.getInputStream().readAllBytes()).hasSize(4);
        }
    }

    @Test
    void latencyAndSingleBytesKeepTheBytes() throws Exception {
        network.onConnections().singleBytes();
        network.onConnections().latency(Duration.ZERO, Duration.ofMillis(2));
        try (Line line = dial(DATA)) {
            line.up("some bytes");
            assertThat(line.atAgent(10)).isEqualTo("some bytes");
        }
    }

    @Test
    void halfOpenTellsNobodyUntilLifted() throws Exception {
        try (Line line = dial(DATA);
                Line control = dial(CONTROL)) {
            Fault fault = network.onData().halfOpen();
            line.down("lost");
            line.agent.setSoLinger(true, 0);
            line.agent.close();
            control.down("x");
            control.atRelay(1);
            dial(CONTROL).close();
            dial(CONTROL).close(); // between the two it looked at every connection
            assertThat(network.open(ConnectionKind.DATA)).isEqualTo(1);
            assertThat(line.relay.getInputStream().available()).isZero();
            fault.close();
            assertThatThrownBy(() -> line.atRelay(1)).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void dataOvertakesControl() throws Exception {
        try (Line control = dial(CONTROL);
                Line data = dial(DATA)) {
            network.reorder(ConnectionKind.DATA, Direction.DOWN);
            control.down("ready");
            control.up("not this way");
            assertThat(control.atAgent(12)).isEqualTo("not this way");
            assertThat(control.relay.getInputStream().available()).isZero();
            data.down("data");
            assertThat(data.atRelay(4)).isEqualTo("data");
            assertThat(control.atRelay(5)).isEqualTo("ready");
            control.down("alone"); // nothing overtakes it: late, not never
            assertThat(control.atRelay(5)).isEqualTo("alone");
        }
    }

    @Test
    void beforeAServiceTheVisitorsBytesGoUp() throws Exception {
        network.close();
        network = FaultProxy.beforeService(relay.getLocalPort(), 1);
        network.onConnections().only(Direction.DOWN).stall();
        try (Line line = dial()) {
            line.down(CONTROL);
            assertThat(line.atRelay(CONTROL.length())).isEqualTo(CONTROL);
            assertThat(network.open(ConnectionKind.OTHER)).isEqualTo(1);
        }
    }

    @Test
    void itClosesClean() throws Exception {
        Line line = dial(DATA);
        network.close();
        assertThatThrownBy(() -> line.atRelay(1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), network.port()))
                .isInstanceOf(IOException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("fault-proxy-" + network.port()));
        network.close();
        line.close();
    }
}
