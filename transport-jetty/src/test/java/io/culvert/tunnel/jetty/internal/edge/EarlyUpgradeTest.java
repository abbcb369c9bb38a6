package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A local service whose 101 arrives before the relay hears that its request was sent. */
class EarlyUpgradeTest {
    private static final String REQUEST =
            "GET /chat HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    private static final String AGREED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    @Test
    void theVisitorsBytesWaitForTheHeadsWrite() throws Exception {
        BlockingQueue<Runnable> written = new LinkedBlockingQueue<>();
        try (TestOrigin origin = new TestOrigin(connection -> {
                    connection.readHead();
                    connection.send(AGREED);
                    connection.send(new String(connection.in.readNBytes(4), "US-ASCII"));
                });
                TestRelay relay = new TestRelay(origin)) {
            TestRelay.DirectTunnel tunnel = relay.tunnel();
            tunnel.opener = kind -> tunnel.dial(kind).thenApply(stream -> new LateWord(stream, written, Runnable::run));

            try (TestVisitor visitor = relay.visit()) {
                visitor.send(REQUEST);
                assertThat(visitor.readHead()).startsWith("HTTP/1.1 101 ");
                visitor.send("ping");

                Runnable head = written.poll(10, TimeUnit.SECONDS);
                assertThat(head).isNotNull();
                assertThat(written).isEmpty();
                head.run();
                Runnable bytes = written.poll(10, TimeUnit.SECONDS);
                assertThat(bytes).isNotNull();
                bytes.run();
                assertThat(visitor.read(4)).isEqualTo("ping");
            }
        }
    }
}
