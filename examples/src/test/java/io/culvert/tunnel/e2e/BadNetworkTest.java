package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.testkit.fault.Fault;
import io.culvert.tunnel.testkit.fault.FaultProxy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A network between agent and relay that delays, cuts into single bytes, and resets: bytes arrive as they were sent, or visibly not. */
@ParameterizedClass
@EnumSource(
        value = TransportCase.class,
        names = {"CONTROL", "TCP"})
class BadNetworkTest {
    private final TransportCase transport;
    private HttpOrigin origin;
    private TunnelRelay relay;
    private FaultProxy net;
    private TunnelAgent agent;
    private Tunnel tunnel;

    BadNetworkTest(TransportCase transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws Exception {
        origin = HttpOrigin.start();
        TunnelRelay.Builder relayBuilder = TunnelRelay.builder().drainTimeout(Duration.ZERO);
        transport.on(relayBuilder);
        relay = relayBuilder.start();
        net = FaultProxy.beforeRelay(relay.port());
        TunnelAgent.Builder agentBuilder =
                TunnelAgent.builder().relay(net.uri()).drainTimeout(Duration.ZERO);
        transport.on(agentBuilder);
        agent = agentBuilder.build();
        tunnel = agent.expose(TunnelSpec.port(origin.port()));
    }

    @AfterEach
    void stop() {
        agent.close();
        net.close();
        relay.close();
        origin.close();
    }

    private RawHttp visit() throws IOException {
        return RawHttp.connect(tunnel.publicUrl().getPort());
    }

    private void assertEchoed(byte[] body) throws Exception {
        try (RawHttp visitor = visit()) {
            visitor.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n");
            CompletableFuture<Void> upload =
                    CompletableFuture.runAsync(() -> visitor.sendAll(new ByteArrayInputStream(body)));
            assertThat(visitor.readResponse().body()).as(net.toString()).isEqualTo(body);
            upload.join();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void singleBytesArriveAsTheyWere() throws Exception {
        Fault pieces = net.onConnections().singleBytes();
        assertEchoed(random(3_001));
        assertThat(pieces.hits()).isPositive();
    }

    @Test
    void delayedBytesArriveAsTheyWere() throws Exception {
        Fault delay = net.onConnections().latency(Duration.ofMillis(1), Duration.ofMillis(10));
        assertEchoed(random(300_007));
        assertThat(delay.hits()).isPositive();
    }

    @Test
    void aDownloadDuringWhichTheNetworkResetsIsVisiblyCutAndTheNextIsWhole() throws Exception {
        try (RawHttp visitor = visit()) {
            // in chunks, as a length would show the cut by itself
            visitor.send("GET /download-chunked?1000000000 HTTP/1.1\r\nHost: h\r\n\r\n")
                    .readHead();
            visitor.readExactly(100_000);
            net.onConnections().reset();
            assertThatThrownBy(visitor::readToEnd)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            try (RawHttp visitor = visit()) {
                visitor.send("GET /download?1000 HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(Bulk.checksum(
                                new ByteArrayInputStream(visitor.readResponse().body())))
                        .isEqualTo(new Bulk(1000).checksum());
            }
        });
    }
}
