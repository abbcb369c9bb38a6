package io.culvert.tunnel.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Endless uploads and downloads, one of each stalled: everybody else is answered meanwhile, on the same tunnel and on another. */
class BulkTrafficTest {
    private static final int PROBES = 10;
    private static final byte[] BLOCK = new byte[16 * 1024];
    private static final byte[] CHUNK_HEAD = (Integer.toHexString(BLOCK.length) + "\r\n").getBytes(ISO_8859_1);

    private final AtomicLong uploaded = new AtomicLong();
    private final AtomicLong downloaded = new AtomicLong();

    private void serve(RawHttp connection) throws IOException {
        byte[] buffer = new byte[BLOCK.length];
        while (true) {
            String head = connection.readHead();
            if (head.startsWith("PUT /endless")) {
                for (int n = connection.read(buffer); n >= 0; n = connection.read(buffer)) {
                    uploaded.addAndGet(n);
                }
                return;
            } else if (head.startsWith("PUT /stalled")) {
                connection.socket().setReceiveBufferSize(BLOCK.length);
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> connection.socket().isClosed());
                return;
            } else if (head.startsWith("GET /endless")) {
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                while (true) {
                    connection.send(CHUNK_HEAD).send(BLOCK).send("\r\n");
                }
            }
            connection.send(RawOrigin.ok("quick"));
        }
    }

    private static void start(List<RawHttp> open, int port, String request, Work work) throws IOException {
        RawHttp visitor = RawHttp.connect(port);
        open.add(visitor);
        visitor.send(request);
        Thread thread = new Thread(() -> {
            try {
                work.on(visitor);
            } catch (IOException over) {
                return; // the test closed it
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** What a visitor does until its connection is closed. */
    private interface Work {
        void on(RawHttp visitor) throws IOException;
    }

    private static void upload(RawHttp visitor) throws IOException {
        while (true) {
            visitor.send(BLOCK);
        }
    }

    private void download(RawHttp visitor) throws IOException {
        byte[] buffer = new byte[BLOCK.length];
        while (true) {
            downloaded.addAndGet(Math.max(0, visitor.read(buffer)));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportCase.class,
            names = {"CONTROL", "TCP"})
    void othersAreAnsweredMeanwhile(TransportCase transport) throws Exception {
        List<RawHttp> open = new ArrayList<>();
        try (RawOrigin origin = RawOrigin.start(this::serve);
                RawOrigin calm = RawOrigin.answering(head -> RawOrigin.ok("calm"));
                Rig rig = Rig.start(transport, origin.port());
                Tunnel other = rig.agent.expose(TunnelSpec.port(calm.port()))) {
            String put = " HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000000\r\n\r\n";
            String get = " HTTP/1.1\r\nHost: h\r\n\r\n";
            start(open, rig.port(), "PUT /endless" + put, BulkTrafficTest::upload);
            start(open, rig.port(), "PUT /stalled" + put, BulkTrafficTest::upload);
            start(open, rig.port(), "GET /endless" + get, this::download);
            start(open, rig.port(), "GET /endless" + get, visitor -> {}); // and reads nothing
            await().atMost(Duration.ofSeconds(30)).until(() -> uploaded.get() > 1 << 20 && downloaded.get() > 1 << 20);
            long up = uploaded.get();
            long down = downloaded.get();
            try (RawHttp same = rig.visit();
                    RawHttp neighbour = RawHttp.connect(other.publicUrl().getPort())) {
                for (int i = 0; i < PROBES; i++) {
                    assertThat(same.send("GET /" + get).readResponse().text()).isEqualTo("quick");
                    assertThat(neighbour.send("GET /" + get).readResponse().text())
                            .isEqualTo("calm");
                }
            }
            assertThat(uploaded.get()).isGreaterThan(up);
            assertThat(downloaded.get()).isGreaterThan(down);
        } finally {
            for (RawHttp visitor : open) {
                visitor.close();
            }
        }
    }
}
