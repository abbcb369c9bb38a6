package io.culvert.tunnel.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Direction;
import io.culvert.tunnel.StreamKind;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelAgent;
import io.culvert.tunnel.TunnelError;
import io.culvert.tunnel.TunnelRelay;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.testkit.fault.Fault;
import io.culvert.tunnel.testkit.fault.FaultRelay;
import io.culvert.tunnel.testkit.fault.StreamFaults;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What visitors and the application see of faults in streams that real transports carry. */
@ParameterizedClass
@EnumSource(TransportCase.class)
class StreamFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SIZE = 300_000;

    private final FaultRelay relay;
    private final StreamFaults faults;
    private final TunnelAgent agent;
    private HttpOrigin origin;
    private Tunnel tunnel;

    StreamFaultsTest(TransportCase transport) {
        TunnelRelay.Builder options = TunnelRelay.builder();
        transport.on(options);
        relay = FaultRelay.start(options, 1);
        faults = relay.streams();
        TunnelAgent.Builder builder = TunnelAgent.builder().drainTimeout(Duration.ZERO);
        relay.attachTo(builder);
        transport.on(builder);
        agent = builder.build();
    }

    @BeforeEach
    void start() throws IOException {
        origin = HttpOrigin.start();
        tunnel = agent.expose(TunnelSpec.port(origin.port()));
    }

    @AfterEach
    void stop() {
        agent.close();
        relay.close();
        origin.close();
    }

    private RawHttp visit() throws IOException {
        return RawHttp.connect(tunnel.publicUrl().getPort());
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private static String post(String target, int length) {
        return "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private int status(String target) throws IOException {
        try (RawHttp visitor = visit()) {
            return visitor.send(get(target)).readResponse().status();
        }
    }

    private static CompletableFuture<RawHttp.Response> answer(RawHttp visitor) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return visitor.readResponse();
            } catch (IOException x) {
                throw new java.io.UncheckedIOException(x);
            }
        });
    }

    @Test
    void anAnswerIsTruncatedVisibly() throws Exception {
        Fault fault =
                faults.onNextRequest(head -> head.path().equals("/download")).truncate(1000);
        assertThat(status("/method")).isEqualTo(200);
        try (RawHttp visitor = visit()) {
            visitor.send(get("/download?" + SIZE));
            assertThat(visitor.readHead()).contains("Content-Length: " + SIZE);
            byte[] body = new byte[SIZE];
            int count = 0;
            try {
                for (int n = visitor.read(body); n >= 0; n = visitor.read(body)) {
                    count += n;
                }
            } catch (SocketException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            assertThat(count).isLessThanOrEqualTo(1000);
        }
        fault.awaitHits(1, PATIENCE);
        assertThat(status("/download?" + SIZE)).isEqualTo(200);
    }

    @Test
    void aRequestsBodyIsTruncated() throws Exception {
        Fault fault = faults.onNextRequest().only(Direction.UP).truncate(10);
        try (RawHttp visitor = visit()) {
            visitor.send(post("/upload", 20)).send("12345678901234567890");
            RawHttp.Response response = visitor.readResponse();
            assertThat(response.status()).isEqualTo(502);
        }
        assertThat(fault.hits()).isEqualTo(1);
    }

    @Test
    void requestsAreRefusedWithTheErrorThatWasAskedFor() throws Exception {
        faults.onRequests(head -> head.path().equals("/status")).refuse(TunnelError.OVERLOADED);
        try (RawHttp visitor = visit()) {
            RawHttp.Response response = visitor.send(get("/status?204")).readResponse();
            assertThat(response.status()).isEqualTo(TunnelError.OVERLOADED.status());
            assertThat(response.field("Tunnel-Error")).isEqualTo(TunnelError.OVERLOADED.code());
        }
        assertThat(status("/method")).isEqualTo(200);
        faults.reset();
        assertThat(status("/status?204")).isEqualTo(204);
    }

    @Test
    void streamsOfOneTunnelAreRefused() throws Exception {
        Tunnel other = agent.expose(TunnelSpec.port(origin.port()));
        faults.onStreams(other.name()).refuse();
        assertThat(status("/method")).isEqualTo(200);
        try (RawHttp visitor = RawHttp.connect(other.publicUrl().getPort())) {
            assertThat(visitor.send(get("/method")).readResponse().field("Tunnel-Error"))
                    .isEqualTo(TunnelError.LOCAL_REFUSED.code());
        }
    }

    @Test
    void aStalledAnswerGoesOnWhenTheFaultIsLifted() throws Exception {
        Fault fault = faults.onNextRequest().only(Direction.DOWN).stall();
        try (RawHttp visitor = visit()) {
            visitor.send(get("/download?" + SIZE));
            fault.awaitHits(1, PATIENCE);
            CompletableFuture<RawHttp.Response> answer = answer(visitor);
            assertThat(status("/method")).isEqualTo(200); // the fault is for one request
            assertThat(answer).isNotDone();
            fault.close();
            assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).body())
                    .isEqualTo(new Bulk(SIZE).stream().readAllBytes());
        }
    }

    @Test
    void whatOnlySlowsDownKeepsTheBytes() throws Exception {
        byte[] body = new Bulk(SIZE).stream().readAllBytes();
        faults.onStreams().latency(Duration.ZERO, Duration.ofMillis(2));
        faults.onStreams().bandwidth(20L * SIZE);
        try (RawHttp visitor = visit()) {
            visitor.send(post("/echo", body.length));
            CompletableFuture<RawHttp.Response> answer = answer(visitor);
            visitor.send(body);
            assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).body())
                    .isEqualTo(body);
        }
        faults.reset();
        faults.onStreams().singleBytes();
        try (RawHttp visitor = visit()) {
            visitor.send(post("/method", 300)).send(new byte[300]);
            assertThat(visitor.readResponse().body()).hasSize(305);
        }
    }

    @Test
    void openStreamsAreReset() throws Exception {
        try (RawOrigin chat = echo();
                RawHttp visitor = visitUpgraded(chat)) {
            String id = relay.connections().stream()
                    .filter(connection -> connection.stream().kind() == StreamKind.UPGRADE)
                    .findFirst()
                    .orElseThrow()
                    .id();
            assertThat(faults.onStream(id).reset().hits()).isEqualTo(1);
            visitor.assertOver();
            await().atMost(PATIENCE).until(() -> relay.connections().stream()
                    .noneMatch(connection -> connection.stream().kind() == StreamKind.UPGRADE));
        }
    }

    @Test
    void aHalfOpenStreamIsCutWhenTheFaultIsLifted() throws Exception {
        try (RawOrigin chat = echo();
                RawHttp visitor = visitUpgraded(chat)) {
            Fault fault = faults.onStreams(StreamKind.UPGRADE).halfOpen();
            visitor.send("lost");
            fault.awaitHits(1, PATIENCE);
            // Requests are left alone; when this one is answered, the lost bytes were on their way for long.
            assertThat(status("/method")).isEqualTo(200);
            fault.close();
            assertThatThrownBy(() -> visitor.readExactly(1)).isInstanceOfAny(SocketException.class, EOFException.class);
        }
    }

    /** Sends back what follows an upgrade. */
    private static RawOrigin echo() {
        return RawOrigin.start(c -> {
            c.readHead();
            c.send(Upgrades.SWITCHING);
            byte[] bytes = new byte[4096];
            for (int count = c.read(bytes); count >= 0; count = c.read(bytes)) {
                c.send(Arrays.copyOf(bytes, count));
            }
        });
    }

    private RawHttp visitUpgraded(RawOrigin chat) throws IOException {
        Tunnel chatting = agent.expose(TunnelSpec.port(chat.port()));
        RawHttp visitor = RawHttp.connect(chatting.publicUrl().getPort());
        visitor.send(Upgrades.request("h")).readHead();
        visitor.send("hello");
        assertThat(visitor.readText(5)).isEqualTo("hello");
        return visitor;
    }
}
