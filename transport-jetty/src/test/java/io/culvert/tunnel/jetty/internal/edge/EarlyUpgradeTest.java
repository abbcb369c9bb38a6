package io.culvert.tunnel.jetty.internal.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.tunnel.spi.Completion;
import io.culvert.tunnel.spi.DataStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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
            tunnel.opener = kind -> tunnel.dial(kind).thenApply(stream -> new LateWord(stream, written));

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

    /** A stream that sends at once and says so when the test wants. */
    private record LateWord(DataStream stream, BlockingQueue<Runnable> written) implements DataStream {
        @Override
        public void write(ByteBuffer source, Completion completion) {
            stream.write(source, new Completion() {
                @Override
                public void succeeded() {
                    written.add(completion::succeeded);
                }

                @Override
                public void failed(Throwable cause) {
                    completion.failed(cause);
                }
            });
        }

        @Override
        public String id() {
            return stream.id();
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return stream.read(target);
        }

        @Override
        public void onReadable(Runnable callback) {
            stream.onReadable(callback);
        }

        @Override
        public void end() {
            stream.end();
        }

        @Override
        public void close() {
            stream.close();
        }

        @Override
        public void reset(Throwable cause) {
            stream.reset(cause);
        }

        @Override
        public void onClosed(Consumer<@Nullable Throwable> listener) {
            stream.onClosed(listener);
        }
    }
}
